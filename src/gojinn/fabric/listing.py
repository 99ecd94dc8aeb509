"""Listing the keys of a bucket, page by page, as its leader has them. Following changes is `feed`'s."""

from __future__ import annotations

import asyncio
from bisect import bisect_right
from typing import NamedTuple

import msgspec

from gojinn.errors import BadRequest
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.replies import ApiFault, error_of

LONGEST_PAGE = 1000
"""Keys of one page."""
PAGE_BYTES = 1 << 20
"""Bytes of values after which a page ends early."""
AT_ONCE = 16
"""Keys that are read at the same time."""


class Item(NamedTuple):
    """A key with what it holds."""

    key: str
    value: bytes
    revision: int


class Page(NamedTuple):
    """Part of a listing."""

    items: list[Item]
    next: str | None
    """The key after which the next page starts; None: there is no more."""


class State(msgspec.Struct):
    """How many messages the stream has of each subject."""

    subjects: dict[str, int] | None = None


class StreamInfo(msgspec.Struct):
    """The API's answer to a request for a stream's subjects, a page of them."""

    state: State | None = None
    total: int = 0
    error: ApiFault | None = None


read_info = msgspec.json.Decoder(StreamInfo).decode


async def list_keys(bucket: Bucket, prefix: str = "", *, after: str | None = None, limit: int = 100) -> Page:
    """Lists at most `limit` keys with a prefix, in an order that stays the same.

    A page may have fewer although there are more: `next` tells. Keys that are made or deleted between two
    pages may be missing; all others are in exactly one. Raises BadRequest, LimitExceeded, Unavailable.
    """
    if not 1 <= limit <= LONGEST_PAGE:
        raise BadRequest(f"wrong limit: given {limit}, expected 1 to {LONGEST_PAGE}")
    start = None if after is None else bucket.keys.subject(after)
    beginning = bucket.keys.beginning(prefix)
    names = [
        name for name in await subjects(bucket, bucket.keys.pattern(prefix)) if name.startswith(beginning)
    ]
    at = 0 if start is None else bisect_right(names, start)
    items: list[Item] = []
    size = 0
    while at < len(names):
        chunk = names[at : at + min(AT_ONCE, limit - len(items))]
        for name, (entry, _) in zip(chunk, await asyncio.gather(*map(bucket.last, chunk)), strict=True):
            at += 1
            key = bucket.keys.key(name)
            if key is None or entry.value is None:
                continue
            items.append(Item(key, entry.value, entry.revision))
            size += len(entry.value)
            if at < len(names) and (len(items) >= limit or size >= PAGE_BYTES):
                return Page(items, key)
    return Page(items, None)


async def subjects(bucket: Bucket, pattern: str) -> list[str]:
    """Asks for all subjects that match, sorted; those of keys that have gone lately are among them."""
    await bucket.make()
    found: list[str] = []
    while True:
        body = {"subjects_filter": pattern, "offset": len(found)}
        info = read_info((await bucket.ask("STREAM.INFO", body)).data)
        if info.error is not None:
            raise error_of(info.error)
        page = (info.state.subjects if info.state else None) or {}
        found += page
        if not page or len(found) >= info.total:
            return sorted(found)
