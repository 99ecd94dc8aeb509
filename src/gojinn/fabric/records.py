"""The messages that keys are stored as: their headers, and reading them from JetStream's API. Sends none."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil
from typing import NamedTuple

import msgspec

from gojinn.errors import BadRequest, Conflict, LimitExceeded, clip
from gojinn.fabric.replies import ApiFault

LARGEST_VALUE = 1_000_000
"""Bytes. With its headers it stays below the 1 MiB that a message has in any NATS server by default."""
LONGEST_TTL = 10 * 365 * 86400
"""Seconds."""
SHORTEST_TTL = 1
"""Seconds, the server's own limit. It counts whole seconds, so fractions are rounded up."""
MARKER_TTL = 60
"""Seconds that a key that is deleted or has expired leaves a mark for those who watch."""

OPERATION = "KV-Operation"
MARKER = "Nats-Marker-Reason"
TTL = "Nats-TTL"
EXPECTED = "Nats-Expected-Last-Subject-Sequence"
MESSAGE_ID = "Nats-Msg-Id"
GONE = frozenset({"DEL", "PURGE"})


class Entry(NamedTuple):
    """What is stored under a key."""

    value: bytes | None
    """None when there is nothing, or nothing any more."""
    revision: int
    """Grows with every change in the bucket; 0 when nothing is known of the key."""


ABSENT = Entry(None, 0)


class Stored(msgspec.Struct):
    """A message as the API shows it."""

    seq: int
    data: bytes = b""
    hdrs: bytes = b""
    subject: str = ""


class Found(msgspec.Struct):
    """The API's answer to a request for a message."""

    message: Stored | None = None
    error: ApiFault | None = None


read_found = msgspec.json.Decoder(Found).decode


def entry_of(message: Stored) -> tuple[Entry, str]:
    """Reads a message; returns what it says of its key, and its id."""
    headers = headers_in(message.hdrs)
    value = None if is_gone(headers) else message.data
    return Entry(value, message.seq), headers.get(MESSAGE_ID, "")


def headers_in(block: bytes) -> dict[str, str]:
    """Reads a header block: `NATS/1.0`, then a line each."""
    lines = block.decode("utf-8", "replace").split("\r\n")[1:]
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines) if name}


def is_gone(headers: Mapping[str, str]) -> bool:
    """Whether a message says that its key was deleted or has expired."""
    return headers.get(OPERATION) in GONE or MARKER in headers


def write(ttl: float | None, revision: int | None = None) -> dict[str, str]:
    """Makes the headers of a write, if the key has a revision where one is given. Raises BadRequest."""
    headers = {} if ttl is None else {TTL: ttl_of(ttl)}
    if revision is not None:
        headers[EXPECTED] = str(checked_revision(revision))
    return headers


def deletion(revision: int | None) -> dict[str, str]:
    """Makes the headers of a deletion. Raises BadRequest."""
    return {OPERATION: "DEL", **write(MARKER_TTL, revision)}


def ttl_of(seconds: float) -> str:
    """Writes how long something is to live. Raises BadRequest outside of what the server takes."""
    if not SHORTEST_TTL <= seconds <= LONGEST_TTL:  # not a number is outside too
        expected = f"{SHORTEST_TTL} to {LONGEST_TTL:,} seconds"
        raise BadRequest(f"wrong time to live: given {seconds:g} seconds, expected {expected}")
    return f"{ceil(seconds)}s"


def checked_revision(revision: int) -> int:
    """Returns a revision. Raises BadRequest for one that no key ever has."""
    if not 0 <= revision < 1 << 63:
        raise BadRequest(f"wrong revision: given {revision}, expected 0 or the revision of a key")
    return revision


def check_value(value: bytes) -> None:
    """Raises LimitExceeded for a value that is too large."""
    if len(value) > LARGEST_VALUE:
        raise LimitExceeded(
            f"the value is too large: given {len(value):,} bytes, expected at most {LARGEST_VALUE:,}",
            hint="put large things into the object store and keep their name here",
        )


def conflict(key: str, headers: Mapping[str, str]) -> Conflict:
    """Makes the error for a key whose revision is not the expected one."""
    expected = headers.get(EXPECTED, "0")
    text = "exists already" if expected == "0" else f"does not have revision {expected} any more"
    return Conflict(f"the key '{clip(key)}' {text}", hint="read it again and decide anew")
