"""A request and its answer, between the contract's envelope and `wasi:http`. The calls are `http`'s."""

from __future__ import annotations

import struct
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


class Packed(msgspec.Struct, array_like=True):
    """A request as `native/request.h` says."""

    method: str
    target: str
    authority: str | None
    body: bytes
    headers: dict[str, list[str]]


read_envelope = msgspec.json.Decoder(Envelope).decode
write_answer = msgspec.json.Encoder().encode
pack = msgspec.msgpack.Encoder().encode

LENGTHS = struct.Struct("2I")
"""Bytes of a field's name and value, which follow."""

Entries = list[tuple[str, bytes]]
"""Header fields in their order, names in lower case."""


def body_of(request: Envelope) -> bytes:
    return b64decode(request.body) if request.body_encoding == "base64" else request.body.encode()


def authority_of(request: Envelope) -> str | None:
    """Whom a request was sent to."""
    hosts = request.headers.get("Host")
    return hosts[0] if hosts else None


def packed(stdin: bytes) -> bytes:
    """A request for the native library."""
    request = read_envelope(stdin)
    return pack(Packed(request.method, request.uri, authority_of(request), body_of(request), request.headers))


def answer_of(status: int, fields: bytes, body: bytes) -> bytes:
    """The contract's response of what the native library has noted."""
    entries: Entries = []
    at = 0
    while at < len(fields):
        name, value = LENGTHS.unpack_from(fields, at)
        at += LENGTHS.size
        entries.append((fields[at : at + name].decode(), fields[at + name : at + name + value]))
        at += name + value
    return answer(status, entries, body)


def answer(status: int, fields: Entries, body: bytes) -> bytes:
    """The contract's response. Field values that are no text are read as Latin-1, as HTTP once had it."""
    headers: dict[str, list[str]] = {}
    for name, value in fields:
        headers.setdefault(name, []).append(text(value))
    try:
        return write_answer(Answer(status, headers, body.decode()))
    except UnicodeDecodeError:
        return write_answer(Answer(status, headers, b64encode(body).decode(), "base64"))


class Exchange:
    """One request, and what its handler has said so far."""

    __slots__ = ("body", "failure", "headers", "request", "request_headers", "set", "status")

    def __init__(self, stdin: bytes) -> None:
        """Takes an envelope."""
        self.request = request = read_envelope(stdin)
        self.request_headers: Entries = [
            (name.lower(), value.encode()) for name, values in request.headers.items() for value in values
        ]
        self.body = body_of(request)
        self.set = False
        """Whether the handler has answered."""
        self.failure = ""
        """The error that it answered with."""
        self.status = 200
        self.headers: Entries = []


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
