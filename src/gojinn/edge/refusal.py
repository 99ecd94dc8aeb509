"""What the server refuses before any handler sees it. What a refusal looks like is `problem`'s business."""

from __future__ import annotations

import httptools

from gojinn.errors import GojinnError
from gojinn.observe import log

logger = log.get("gojinn.edge")


class Refused(GojinnError):
    """A request that is malformed, too large, too slow or asks for what HTTP/1.1 servers need not do."""

    def __init__(self, status: int, code: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.status = status
        self.code = code


def malformed(message: str) -> Refused:
    """Makes the refusal of what is no HTTP."""
    return Refused(400, "malformed", message)


def refusal_of(error: httptools.HttpParserError) -> Refused:
    """Makes the refusal of what the parser could not read, or of what one of our checks refused."""
    cause = error.__context__
    if isinstance(cause, Refused):
        return cause
    if isinstance(error, httptools.HttpParserCallbackError):
        logger.error("parser callback failed", exc_info=cause)
        return Refused(500, "internal", "the server failed to read this request")
    return malformed(f"this is not HTTP/1.1: {str(error)[:1].lower()}{str(error)[1:]}")
