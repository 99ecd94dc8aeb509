"""What can go wrong with a request, by the code that guests are told. The client's errors are `meaning`'s."""

from __future__ import annotations


class Failure(Exception):
    """A request failed."""

    def __init__(self, code: str, message: str, case: str) -> None:
        super().__init__(message)
        self.code = code
        """As operations have it."""
        self.message = message
        self.case = case
        """As `wasi:http` has it, which tells apart more."""


class Refused(Exception):
    """A host may not be asked."""

    def __init__(self, host: str, line: str, why: str, case: str) -> None:
        super().__init__(why)
        self.host = host
        self.line = line
        """What would allow it."""
        self.why = why
        """What follows `is not granted to function 'f'`; often nothing."""
        self.case = case


class NotPublic(Exception):
    """A name leads to addresses only that may not be asked."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


def too_large(message: str) -> Failure:
    """Makes the failure for a body that is larger than may be."""
    return Failure("too-large", message, "HTTP-response-body-size")


def unusable(message: str) -> Failure:
    """Makes the failure for an answer that cannot be understood."""
    return Failure("unavailable", message, "HTTP-protocol-error")
