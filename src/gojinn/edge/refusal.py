"""What the server refuses before any handler sees it. What a refusal looks like is `problem`'s business."""

from __future__ import annotations

from gojinn.errors import GojinnError


class Refused(GojinnError):
    """A request that is malformed, too large, too slow or asks for what HTTP/1.1 servers need not do."""

    def __init__(self, status: int, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


def malformed(message: str) -> Refused:
    """Makes the refusal of what is no HTTP."""
    return Refused(400, "malformed", message)
