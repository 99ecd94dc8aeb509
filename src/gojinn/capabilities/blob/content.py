"""How an object is one file: its content, then what is said of it. Where that file is, `paths` says.

Behind the content stand a JSON object, its length in four bytes and MAGIC. So an object appears and vanishes
with one rename, and its content can be looked at with any tool. A file without that end is an object too: one
that somebody put there by hand.
"""

from __future__ import annotations

import hashlib
import os
import struct
from datetime import UTC, datetime

import msgspec

from gojinn.capabilities.blob.store import Facts, Info

MAGIC = b"\nGJBLOB\n"
TAIL = struct.Struct("<I8s")
LONGEST_TRAILER = 1 << 16
"""Bytes of JSON; more is no trailer of ours."""
HASH_BYTES = 16


class Trailer(msgspec.Struct, omit_defaults=True):
    """What is said of an object, as it is written."""

    etag: str
    content_type: str = ""
    metadata: dict[str, str] = {}


read_trailer = msgspec.json.Decoder(Trailer).decode
write_trailer = msgspec.json.Encoder().encode


def new_hash() -> hashlib.blake2b:
    """Begins the hash that an etag is made of."""
    return hashlib.blake2b(digest_size=HASH_BYTES)


def write_all(fd: int, data: bytes) -> None:
    """Writes to a file's end."""
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view) :]


def end(fd: int, digest: hashlib.blake2b, facts: Facts) -> str:
    """Writes the end of an object's file and makes it durable; returns the etag."""
    etag = f'"{digest.hexdigest()}"'
    trailer = write_trailer(Trailer(etag, facts.content_type, dict(facts.metadata)))
    write_all(fd, trailer + TAIL.pack(len(trailer), MAGIC))
    os.fsync(fd)
    return etag


def info(fd: int, key: str) -> Info:
    """Tells what is known of the object in an open file."""
    status = os.fstat(fd)
    modified = datetime.fromtimestamp(status.st_mtime, UTC)
    trailer, size = trailer_of(fd, status.st_size)
    if trailer is None:
        made = f'"{status.st_ino:x}-{status.st_mtime_ns:x}-{status.st_size:x}"'
        return Info(key, status.st_size, modified, made, facts=Facts())
    facts = Facts(trailer.content_type, trailer.metadata)
    return Info(key, size, modified, trailer.etag, facts=facts)


def trailer_of(fd: int, size: int) -> tuple[Trailer | None, int]:
    """Reads a file's end; returns it with the size of the content before it."""
    tail = os.pread(fd, TAIL.size, max(0, size - TAIL.size))
    if len(tail) < TAIL.size or not tail.endswith(MAGIC):
        return None, size
    length, _ = TAIL.unpack(tail)
    start = size - TAIL.size - length
    if start < 0 or length > LONGEST_TRAILER:
        return None, size
    try:
        return read_trailer(os.pread(fd, length, start)), start
    except msgspec.DecodeError:
        return None, size
