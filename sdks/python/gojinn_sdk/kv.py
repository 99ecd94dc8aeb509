"""Keys and values of the function's tenant. Which keys it may use, `permissions` in the Caddyfile says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gojinn_sdk.errors import NotFound
from gojinn_sdk.host import call, decoded, encoded, given


@dataclass(frozen=True)
class Entry:
    """What a key holds."""

    key: str
    value: bytes
    revision: int


@dataclass(frozen=True)
class Keys:
    """One page of keys."""

    names: list[str]
    next: str | None
    """What to give as `after` for more; None when there is none."""


@dataclass(frozen=True)
class Change:
    """One of several changes: a value, or None to delete."""

    key: str
    value: bytes | str | None
    revision: int | None = None
    """What the key must still have; 0 for one that must not exist."""
    ttl: float | None = None


def find(key: str, *, consistent: bool = False) -> Entry | None:
    """Reads a key; None when there is none. `consistent` sees at once what other nodes have written."""
    try:
        answer = call("kv.get", {"key": key, "consistent": consistent})
    except NotFound:
        return None
    return Entry(key, decoded("value", answer), answer["revision"])


def get(key: str) -> bytes | None:
    """Reads a key's value; None when there is none."""
    entry = find(key)
    return None if entry is None else entry.value


def put(key: str, value: bytes | str, *, ttl: float | None = None) -> int:
    """Writes a key, gone after `ttl` seconds if that is said; returns its revision."""
    return write("kv.put", key, value, ttl=ttl)


def create(key: str, value: bytes | str, *, ttl: float | None = None) -> int:
    """Writes a key that does not exist; returns its revision. Raises Conflict."""
    return write("kv.create", key, value, ttl=ttl)


def cas(key: str, value: bytes | str, revision: int, *, ttl: float | None = None) -> int:
    """Writes a key that still has a revision (0: does not exist); returns the new one. Raises Conflict."""
    return write("kv.cas", key, value, revision=revision, ttl=ttl)


def write(operation: str, key: str, value: bytes | str, **more: Any) -> int:
    """Sends a value."""
    answer = call(operation, {"key": key, **encoded("value", value), **given(**more)})
    return int(answer["revision"])


def delete(key: str, *, revision: int | None = None) -> None:
    """Deletes a key, if it still has the revision. Raises Conflict."""
    call("kv.delete", given(key=key, revision=revision))


def keys(prefix: str = "", *, after: str | None = None, limit: int = 100) -> Keys:
    """Lists keys."""
    answer = call("kv.list", given(prefix=prefix, after=after, limit=limit))
    return Keys([each["key"] for each in answer["keys"]], answer["next"])


def commit(changes: Sequence[Change]) -> list[int]:
    """Makes all changes or none; returns the revisions. Raises Conflict."""
    asked = []
    for change in changes:
        value = {"delete": True} if change.value is None else encoded("value", change.value)
        asked.append({"key": change.key, **value, **given(revision=change.revision, ttl=change.ttl)})
    return list(call("kv.commit", {"changes": asked})["revisions"])
