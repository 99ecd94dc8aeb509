"""What the stores of objects have in common: their interface and what goes in and out. None lives here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


class BlobError(Exception):
    """A store did not do what it was asked. `code` is stable, the message is fit for guests.

    Codes: `not-found`, `exists` and `conflict` for conditions that do not hold, `bad-range`, `unsupported`,
    `too-large`; `store-refused` for wrong keys and rights, `unavailable` for a store that does not answer.
    """

    def __init__(self, code: str, message: str, detail: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.detail = detail
        """What the store said, for the server's own log."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of an object as it is written."""

    content_type: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Info:
    """What is known of an object without its content."""

    key: str
    size: int
    """Bytes."""
    modified: datetime
    etag: str
    """Differs with the content; opaque."""
    version: str = ""
    """Which of the kept versions this is, in buckets that keep them."""
    facts: Facts | None = None
    """None in lists: stores do not say there."""


@dataclass(frozen=True, slots=True)
class Stored:
    """What is known of an object that was just written."""

    etag: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some bytes of an object."""

    info: Info
    offset: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Page:
    """Some of the objects with a prefix, in the order of their keys' bytes."""

    objects: list[Info]
    following: str = ""
    """Ask for those after this key to get more; empty when these were the last."""


@dataclass(frozen=True, slots=True)
class Condition:
    """When an object is to be written."""

    absent: bool = False
    """Only where none is there."""
    etag: str = ""
    """Only over the one with this etag."""


ALWAYS = Condition()


class Upload(Protocol):
    """An object that is being written in pieces. Nobody sees it before `finish` has returned."""

    async def write(self, data: bytes) -> None:
        """Adds to it; waits when the store is slower. Raises BlobError, after which only `abort` is left."""

    async def finish(self) -> Stored:
        """Makes it the object, durably. Raises BlobError; then there is nothing left of it."""

    async def abort(self) -> None:
        """Forgets it. Safe to call after any other."""


class Store(Protocol):
    """Objects under keys. Every method raises BlobError; what `put` and `finish` return for is durable."""

    async def put(self, key: str, body: bytes, facts: Facts, condition: Condition = ALWAYS) -> Stored:
        """Writes an object whole. `exists` or `conflict` tells that a condition does not hold."""

    async def get(self, key: str, offset: int, length: int, version: str = "") -> Piece:
        """Reads at most `length` bytes; fewer at the end. `bad-range` for an offset past it."""

    async def head(self, key: str, version: str = "") -> Info:
        """Tells what is known of an object."""

    async def list(self, prefix: str, after: str, limit: int) -> Page:
        """Lists objects whose keys begin with `prefix` and come after `after`."""

    async def delete(self, key: str) -> None:
        """Removes an object; one that is not there is no error."""

    async def copy(self, source: str, target: str) -> None:
        """Copies an object with its facts, over whatever is there."""

    async def presign(self, method: str, key: str, seconds: int) -> str:
        """Makes an address that lets anybody GET or PUT the object for that long."""

    def upload(self, key: str, facts: Facts) -> Upload:
        """Begins to write an object in pieces."""
