"""A request and its answer as handlers of `wasi:http` get and give them. The calls are `http`'s."""

from __future__ import annotations

import struct

import msgspec

from gojinn.engine.components.values import Case


class Packed(msgspec.Struct, array_like=True):
    """A request as `native/request.h` says."""

    method: str
    target: str
    authority: str | None
    body: bytes
    headers: dict[str, list[str]]


write_packed = msgspec.msgpack.Encoder().encode
read_packed = msgspec.msgpack.Decoder(Packed).decode

HIDDEN = frozenset(
    (
        "Connection",
        "Host",
        "Http2-Settings",
        "Keep-Alive",
        "Proxy-Authenticate",
        "Proxy-Authorization",
        "Proxy-Connection",
        "Transfer-Encoding",
        "Upgrade",
    )
)
"""Fields that belong to the connection, and Host, which is the authority's other name: a guest does not see
them in its request, so that it can send on what it got. They are those of `wasmtime serve`."""
OURS = frozenset(name.lower() for name in HIDDEN)
"""The same as they are in fields, where it may not set them."""

LENGTHS = struct.Struct("2I")
"""Bytes of a field's name and value, which follow."""

Entries = list[tuple[str, bytes]]
"""Header fields in their order, names in lower case."""


def packed(method: str, target: str, headers: dict[str, list[str]], body: bytes) -> bytes:
    """A request for a handler: what takes the place of the envelope."""
    hosts = headers.get("Host")
    shown = {name: values for name, values in headers.items() if name not in HIDDEN}
    return write_packed(Packed(method, target, hosts[0] if hosts else None, body, shown))


def fields_of(entries: Entries) -> bytes:
    """Header fields as `Outcome.answer` has them."""
    return b"".join(LENGTHS.pack(len(name), len(value)) + name.encode() + value for name, value in entries)


def entries_of(fields: bytes) -> Entries:
    """Reads header fields of `Outcome.answer`."""
    entries: Entries = []
    at = 0
    while at < len(fields):
        name, value = LENGTHS.unpack_from(fields, at)
        at += LENGTHS.size
        entries.append((fields[at : at + name].decode(), fields[at + name : at + name + value]))
        at += name + value
    return entries


class Exchange:
    """One request, and what its handler has said so far."""

    __slots__ = (
        "answer",
        "begun",
        "failure",
        "finished",
        "headers",
        "parted",
        "request",
        "request_headers",
        "set",
        "status",
        "writers",
    )

    def __init__(self, stdin: bytes) -> None:
        """Takes a packed request."""
        self.request = read_packed(stdin)
        self.request_headers: Entries = [
            (name.lower(), value.encode())
            for name, values in self.request.headers.items()
            for value in values
        ]
        self.set = False
        """Whether the handler has answered."""
        self.begun = self.finished = False
        """Of the answer's body: dropped in between, it is not whole."""
        self.answer: object = None
        """What it has answered with."""
        self.writers: list[object] = []
        """To which answer each piece of the output belongs, until there is one."""
        self.parted = False
        """Whether some of the answer has been taken."""
        self.failure = ""
        """The error that it answered with."""
        self.status = 200
        self.headers: Entries = []


METHODS = frozenset(("get", "head", "post", "put", "delete", "connect", "options", "trace", "patch"))


def method(name: str) -> Case:
    """A method as `wasi:http` has it."""
    return Case(name.lower()) if name.lower() in METHODS and name.isupper() else Case("other", name)
