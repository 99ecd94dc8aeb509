"""What guests send with the operations `blob.…`, and how answers are written. What is done is `host`'s."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from gojinn.capabilities.blob.keys import check_key, check_prefix
from gojinn.capabilities.blob.store import Condition, Facts, Info, Stored
from gojinn.capabilities.capability import OperationError

T = TypeVar("T")

LARGEST_PIECE = 4 << 20
"""Bytes that one `blob.get` answers with, and that one request may bring: base64 of it fits `host_call`."""
MOST_LISTED = 1000
LONGEST_PRESIGN = 7 * 86_400
"""Seconds; S3's own limit."""
METADATA = 2048
"""Bytes of names and values together, as in S3."""
NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")
VALUE = re.compile(r"[\x20-\x7e]*")


class Put(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.put`, `blob.put_if_absent` and `blob.upload_begin` (without a body)."""

    key: str
    body: bytes = b""
    content_type: str = ""
    metadata: dict[str, str] = {}
    if_match: str = ""

    def facts(self) -> Facts:
        """What is said of the object. Raises OperationError."""
        size = sum(len(name) + len(value) for name, value in self.metadata.items())
        pairs = self.metadata.items()
        if size > METADATA or not all(NAME.fullmatch(name) and VALUE.fullmatch(v) for name, v in pairs):
            what = f"expected names of 'a-z0-9._-' with printable ASCII, at most {METADATA} bytes together"
            raise OperationError("bad-request", f"metadata is wrong, {what}")
        if len(self.content_type) > 256 or not VALUE.fullmatch(self.content_type):
            raise OperationError("bad-request", "content_type is wrong, expected one such as 'image/png'")
        return Facts(self.content_type, self.metadata)

    def condition(self) -> Condition:
        """When it is to be written."""
        return Condition(etag=self.if_match)


class Get(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.get` and `blob.head`."""

    key: str
    offset: int = 0
    length: int | None = None
    version: str = ""


class List(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.list`."""

    prefix: str = ""
    after: str = ""
    limit: int = MOST_LISTED


class Key(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.delete`."""

    key: str


class Copy(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.copy`."""

    source: str
    target: str


class Presign(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.presign`."""

    key: str
    method: str = "GET"
    seconds: int = 900


class Part(msgspec.Struct, forbid_unknown_fields=True):
    """`blob.upload_part`, `blob.upload_complete` and `blob.upload_abort` (without a body)."""

    upload: int
    body: bytes = b""


def read(request: Any, kind: type[T]) -> T:
    """Makes the request of an operation. Raises OperationError."""
    try:
        found = msgspec.convert(request, kind)
    except msgspec.ValidationError as error:
        raise OperationError("bad-request", str(error)) from error
    for name in ("key", "source", "target"):
        if hasattr(found, name):
            check_key(getattr(found, name))
    if isinstance(found, List):
        check_prefix(found.prefix)
        if found.after:
            check_key(found.after)
        expect(1 <= found.limit <= MOST_LISTED, f"limit is {found.limit}, expected 1 to {MOST_LISTED}")
    elif isinstance(found, Get):
        expect(found.offset >= 0, f"offset is {found.offset}, expected 0 or more")
        sound = found.length is None or 0 <= found.length <= LARGEST_PIECE
        expect(sound, f"length is {found.length}, expected 0 to {LARGEST_PIECE}")
    elif isinstance(found, Presign):
        expect(found.method in ("GET", "PUT"), f"method is '{found.method}', expected 'GET' or 'PUT'")
        sound = 1 <= found.seconds <= LONGEST_PRESIGN
        expect(sound, f"seconds is {found.seconds}, expected 1 to {LONGEST_PRESIGN}")
    return found


def expect(holds: bool, why: str) -> None:
    """Raises OperationError unless something holds."""
    if not holds:
        raise OperationError("bad-request", why)


def shown_info(info: Info) -> dict[str, Any]:
    """Writes what is known of an object."""
    found: dict[str, Any] = {
        "key": info.key,
        "size": info.size,
        "modified": info.modified.isoformat(),
        "etag": info.etag,
    }
    if info.version:
        found["version"] = info.version
    if info.facts is not None:
        found |= {"content_type": info.facts.content_type, "metadata": dict(info.facts.metadata)}
    return found


def shown_stored(stored: Stored) -> dict[str, Any]:
    """Writes what is known of an object that was just written."""
    return {"etag": stored.etag, **({"version": stored.version} if stored.version else {})}
