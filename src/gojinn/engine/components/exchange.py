"""A request and its answer, between the contract's envelope and `wasi:http`. The calls are `http`'s."""

from __future__ import annotations

from base64 import b64decode, b64encode

import msgspec

from gojinn.engine.components.values import Case


class Envelope(msgspec.Struct):
    """What of the contract's request HTTP has."""

    method: str
    uri: str
    headers: dict[str, list[str]] = {}
    body: str = ""
    body_encoding: str = ""


class Answer(msgspec.Struct, omit_defaults=True):
    """The contract's response."""

    status: int
    headers: dict[str, list[str]]
    body: str
    body_encoding: str = ""


read_envelope = msgspec.json.Decoder(Envelope).decode
write_answer = msgspec.json.Encoder().encode

Entries = list[tuple[str, bytes]]
"""Header fields in their order, names in lower case."""


class Exchange:
    """One request, and what its handler has said so far."""

    __slots__ = ("body", "failure", "headers", "request", "request_headers", "set", "status")

    def __init__(self, stdin: bytes) -> None:
        """Takes an envelope."""
        self.request = request = read_envelope(stdin)
        self.request_headers: Entries = [
            (name.lower(), value.encode()) for name, values in request.headers.items() for value in values
        ]
        encoded = request.body_encoding == "base64"
        self.body = b64decode(request.body) if encoded else request.body.encode()
        self.set = False
        """Whether the handler has answered."""
        self.failure = ""
        """The error that it answered with."""
        self.status = 200
        self.headers: Entries = []

    @property
    def authority(self) -> str | None:
        """Whom the request was sent to."""
        hosts = self.request.headers.get("Host")
        return hosts[0] if hosts else None

    def answer(self, body: bytes) -> bytes:
        """The contract's response. Field values that are no text are read as Latin-1, as HTTP once had it."""
        headers: dict[str, list[str]] = {}
        for name, value in self.headers:
            headers.setdefault(name, []).append(text(value))
        try:
            return write_answer(Answer(self.status, headers, body.decode()))
        except UnicodeDecodeError:
            return write_answer(Answer(self.status, headers, b64encode(body).decode(), "base64"))


def text(value: bytes) -> str:
    """Reads a field's value."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


METHODS = frozenset(("get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"))


def method(name: str) -> Case:
    """A method as `wasi:http` has it."""
    return Case(name.lower()) if name.lower() in METHODS and name.isupper() else Case("other", name)
