"""What can go wrong with what a function asks of its host."""

from __future__ import annotations


class Error(Exception):
    """The host did not do what it was asked. `code` is stable, `message` is for people."""

    code = "error"

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.message = message
        if code:
            self.code = code


class BadRequest(Error):
    """What was asked, or the body of the function's own request, cannot be understood."""

    code = "bad-request"


class Conflict(Error):
    """Something has changed meanwhile, or somebody else has it."""

    code = "conflict"


class Denied(Error):
    """The function is not granted this; the message has the line to add to the Caddyfile."""

    code = "denied"


class Exists(Error):
    """There is one already."""

    code = "exists"


class LimitReached(Error):
    """There would be more than is allowed."""

    code = "limit"


class NotFound(Error):
    """There is none."""

    code = "not-found"


class TooLarge(Error):
    """It has more bytes than go in one piece."""

    code = "too-large"


class Unavailable(Error):
    """It cannot be done now; trying again later may help."""

    code = "unavailable"


class UnknownOperation(Error):
    """This host does not have the operation."""

    code = "unknown-op"


KINDS: dict[str, type[Error]] = {
    kind.code: kind
    for kind in (
        *(BadRequest, Conflict, Denied, Exists, LimitReached),
        *(NotFound, TooLarge, Unavailable, UnknownOperation),
    )
}


def error_of(code: str, message: str) -> Error:
    """Makes the error for a code; those without a class of their own are `Error`s."""
    return KINDS.get(code, Error)(message, code)
