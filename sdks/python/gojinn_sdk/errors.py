"""What can go wrong with what a function asks of its host."""

from __future__ import annotations

KINDS: dict[str, type[Error]] = {}
"""The classes by their codes."""


class Error(Exception):
    """The host did not do what it was asked. `code` is stable, `message` is for people."""

    code = "error"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code

    def __init_subclass__(cls, code: str = "", **options: object) -> None:
        """Takes the code that the class is for; one without is a function's own kind of error."""
        super().__init_subclass__(**options)
        if code:
            cls.code = code
            KINDS[code] = cls


class BadRequest(Error, code="bad-request"):
    """What was asked, or the body of the function's own request, cannot be understood."""


class Conflict(Error, code="conflict"):
    """Something has changed meanwhile, or somebody else has it."""


class Denied(Error, code="denied"):
    """The function is not granted this; the message has the line to add to the Caddyfile."""


class Exists(Error, code="exists"):
    """There is one already."""


class LimitReached(Error, code="limit"):
    """There would be more than is allowed."""


class NotFound(Error, code="not-found"):
    """There is none."""


class Timeout(Error, code="timeout"):
    """It took longer than it may."""


class TooLarge(Error, code="too-large"):
    """It has more bytes than go in one piece."""


class Unavailable(Error, code="unavailable"):
    """It cannot be done now; trying again later may help."""


class UnknownOperation(Error, code="unknown-op"):
    """This host does not have the operation."""


def error_of(code: str, message: str) -> Error:
    """Makes the error for a code; those without a class of their own are `Error`s."""
    return KINDS.get(code, Error)(message, code)
