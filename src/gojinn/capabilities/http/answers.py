"""Answers of servers, read within limits and decoded, and how guests are told of them. Asks no server."""

from __future__ import annotations

import zlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec

from gojinn.capabilities.http.failure import Failure, too_large, unusable
from gojinn.capabilities.http.urls import Url

LARGEST = 6_000_000
"""Bytes of a body, decoded: as base64 it fits an answer of `host_call`."""
LARGEST_TEXT = 7_500_000
"""Bytes of a body as JSON writes a text; what is larger so travels as base64."""
GZIP = frozenset(("gzip", "x-gzip"))
PIECE = 256 << 10
"""Bytes that are unpacked at once."""
MOST_MEMBERS = 1000
"""Of one body: each costs time, and need not hold anything."""
WITH_HEADER = 16 + zlib.MAX_WBITS
"""Has zlib read the format of gzip."""
HOP = frozenset(
    (
        *("connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade"),
        *("proxy-authenticate", "http2-settings"),
    )
)
"""Fields of the connection, which an answer does not tell."""

LARGEST_HEADER = 256 << 10
"""Bytes of all header fields together."""

write_json = msgspec.json.Encoder().encode

Parts = AsyncGenerator[bytes, None]
Raw = Iterable[tuple[bytes, bytes]]


class Room:
    """How many bytes there is still place for, alone and together with others."""

    __slots__ = ("left", "size", "what", "within")

    def __init__(self, size: int, what: str = "the body has", within: Room | None = None) -> None:
        self.size = self.left = size
        self.what = what
        """How a sentence begins about more than that."""
        self.within = within

    def take(self, count: int) -> None:
        """Raises Failure `too-large` where there is none."""
        if count > self.left:
            raise too_large(f"{self.what} more than {self.size} bytes")
        if self.within is not None:
            self.within.take(count)
        self.left -= count

    def give_back(self) -> None:
        """Makes place for others."""
        if self.within is not None:
            self.within.left += self.size - self.left
        self.left = self.size


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered, whole."""

    status: int
    headers: dict[str, list[str]]
    body: bytes
    url: Url
    """Where it came from."""
    redirected: bool

    def shown(self) -> dict[str, Any]:
        """Writes it for a guest."""
        return {
            "status": self.status,
            "headers": self.headers,
            **shown_body(self.body),
            "url": str(self.url),
            "redirected": self.redirected,
        }


def shown_body(body: bytes) -> dict[str, Any]:
    """Writes a body: as text where it is UTF-8 and JSON does not make it much larger, else in base64."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return {"body_base64": body}
    long = len(body) > LARGEST_TEXT // 6 and len(write_json(text)) > LARGEST_TEXT
    return {"body_base64": body} if long else {"body": text}


class Gunzip:
    """Decodes what comes in gzip, of which a body may have several members."""

    def __init__(self) -> None:
        self.member = zlib.decompressobj(WITH_HEADER)
        self.members = 1
        self.fed = False

    def feed(self, data: bytes, most: int) -> Iterable[bytes]:
        """Yields what is in some bytes, in pieces of at most `most`. Raises Failure."""
        while data:
            if self.member.eof:
                self.member = zlib.decompressobj(WITH_HEADER)
                self.members += 1
                if self.members > MOST_MEMBERS:
                    raise unusable(f"the answer has more than {MOST_MEMBERS} members of gzip")
            self.fed = True
            try:
                yield self.member.decompress(data, most)
            except zlib.error as error:
                raise unusable("the answer says that it is gzip, and is not") from error
            data = self.member.unconsumed_tail or self.member.unused_data

    def end(self) -> None:
        """Raises Failure where something is missing."""
        if self.fed and not self.member.eof:
            raise Failure("unavailable", "the answer is cut", "HTTP-response-incomplete")


async def decoded(parts: Parts, room: Room, *, gzip: bool) -> Parts:
    """Yields what is in a body. Raises Failure where that is more than there is room for, packed or not."""
    packed, decoder = Room(room.size, room.what), Gunzip()
    async with aclosing(parts):
        async for part in parts:
            packed.take(len(part))
            for piece in decoder.feed(part, PIECE) if gzip else (part,):
                room.take(len(piece))
                yield piece
    decoder.end()


def table(raw: Raw, *, unpacked: bool) -> dict[str, list[str]]:
    """Gathers header fields by name, every value in its order, without those of the connection; where the
    body was unpacked, without those that told how it was. Raises Failure."""
    found: dict[str, list[str]] = {}
    room = Room(LARGEST_HEADER, "the answer's header has")
    for name, value in raw:
        room.take(len(name) + len(value))
        key = canonical(name)
        low = key.lower()
        if low in HOP or (unpacked and low in ("content-encoding", "content-length")):
            continue
        found.setdefault(key, []).append(text_of(value))
    return found


@lru_cache(maxsize=1024)
def canonical(name: bytes) -> str:
    """Writes a field's name as envelopes have it: `x-request-id` becomes `X-Request-Id`."""
    return "-".join(part[:1].upper() + part[1:].lower() for part in name.decode("latin-1").split("-"))


def text_of(value: bytes) -> str:
    """Reads a field's value as UTF-8, or as Latin-1 when it is not."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
