"""Copies of keys that are read often, in each process: a read then takes microseconds. Writes nothing.

A copy is used only while it is known to be current. A `Feed` tells of every change, in order, and
`Watermarks` tell how far the processes of this node have written. A copy that could be older than that is
not used; the leader is asked. So a read sees what was acknowledged to anybody on this node before it began,
and what another node wrote as soon as the feed has it, a millisecond or so later.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextlib import suppress
from itertools import count

from gojinn.errors import GojinnError
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.feed import Event, Feed
from gojinn.fabric.records import Entry
from gojinn.fabric.watermarks import Watermarks
from gojinn.observe.log import get

CAPACITY = 64 << 20
"""Bytes of copies in one process, of all tenants together."""
OVERHEAD = 500
"""Bytes that a copy costs beside its key and value."""
IDLE = 60.0
"""Seconds without a read after which a bucket is no longer followed; the next read begins anew."""
AGAIN = 1.0
"""Seconds between two attempts to follow a stream that fail at once."""

log = get("gojinn.fabric")
Place = tuple[int, str]
"""Where a copy is kept: the number of a mirror's feed, and the key."""


class Copies:
    """The copies of one process. When they are too many, those go that were not read for the longest time."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self.capacity = capacity
        self.entries: OrderedDict[Place, Entry] = OrderedDict()
        self.size = 0
        self.feeds = count(1)

    def get(self, place: Place) -> Entry | None:
        """Finds a copy."""
        entry = self.entries.get(place)
        if entry is not None:
            self.entries.move_to_end(place)
        return entry

    def keep(self, place: Place, entry: Entry) -> None:
        """Keeps a copy, in place of the one that is there unless that is newer."""
        former = self.entries.get(place)
        if former is not None:
            if former.revision >= entry.revision:
                return
            self.size -= cost(place, former)
        self.entries[place] = entry
        self.size += cost(place, entry)
        while self.size > self.capacity:
            self.size -= cost(*self.entries.popitem(last=False))


def cost(place: Place, entry: Entry) -> int:
    """Estimates the bytes that a copy takes."""
    return OVERHEAD + len(place[1]) + len(entry.value or b"")


class Loading:
    """A key that is being read from the leader, by so many at once."""

    __slots__ = ("newest", "readers")

    def __init__(self) -> None:
        self.readers = 0
        self.newest: Entry | None = None
        """What the feed has told of it since the first of them began."""


class Mirror:
    """The copies of one bucket. The first read starts to follow it; until then the leader is asked."""

    def __init__(self, bucket: Bucket, copies: Copies, watermarks: Watermarks) -> None:
        self.bucket = bucket
        self.copies = copies
        self.watermarks = watermarks
        self.row = watermarks.row(bucket.keys.stream)
        self.feed: Feed | None = None
        """What tells of changes, while nothing is missed."""
        self.number = 0
        """Of the feed: copies of earlier ones are never found again."""
        self.loading: dict[str, Loading] = {}
        self.following: asyncio.Task[None] | None = None
        self.reads = 0
        self.operations = bucket.fabric.operations
        self.hit = f"{bucket.keys.kind} read of a copy"
        """What these count such a read as."""

    def peek(self, key: str) -> Entry | None:
        """Returns a copy that is current, None when the leader has to be asked."""
        self.reads += 1
        feed = self.feed
        if feed is None or not feed.live:
            return None
        entry = self.copies.get((self.number, key))
        if entry is None:
            return None
        written = self.watermarks.read(self.row)
        if feed.revision < written and entry.revision < written:
            return None
        self.operations[self.hit] += 1
        return entry

    async def get(self, key: str) -> Entry:
        """Reads a key, from a current copy if there is one. Raises what `Bucket.get` raises."""
        return self.peek(key) or await self.load(key)

    async def load(self, key: str) -> Entry:
        """Reads a key from the leader and keeps a copy."""
        self.follow()
        feed = self.feed
        loading = self.loading.setdefault(key, Loading())
        loading.readers += 1
        try:
            entry = await self.bucket.get(key)
        finally:
            loading.readers -= 1
            if not loading.readers:
                del self.loading[key]
        # The feed may have told of a later change before this answer came.
        if loading.newest is not None and loading.newest.revision > entry.revision:
            entry = loading.newest
        # What came before the feed began may have changed before it did.
        if feed is not None and feed is self.feed:
            self.copies.keep((self.number, key), entry)
        return entry

    def wrote(self, key: str, entry: Entry) -> None:
        """Hears that a write of this process is acknowledged; to be called before anybody else is told."""
        self.watermarks.note(self.row, entry.revision)
        # Where the feed is past it, it may also have told of a later change, of a key that had no copy.
        if self.feed is not None and self.feed.revision < entry.revision:
            self.copies.keep((self.number, key), entry)

    def take(self, event: Event) -> None:
        """Hears of a change. Of keys that nobody reads no copy is kept."""
        loading = self.loading.get(event.key)
        if loading is not None:
            loading.newest = event.entry
        place = self.number, event.key
        if place in self.copies.entries:
            self.copies.keep(place, event.entry)

    def follow(self) -> None:
        """Sees to it that changes are followed."""
        if self.following is None or self.following.done():
            self.following = asyncio.create_task(self.stay(), name=f"mirror {self.bucket.keys.stream}")

    async def stay(self) -> None:
        """Follows the bucket, anew whenever a feed ends, until nobody reads any more."""
        wanted = True
        while wanted and not self.bucket.fabric.closing:
            try:
                self.number = next(self.copies.feeds)
                async with Feed(self.bucket, self.take) as feed:
                    self.feed = feed
                    wanted = await self.lasting(feed)
            except GojinnError as error:
                log.warning("cannot follow a bucket", stream=self.bucket.keys.stream, error=str(error))
                await asyncio.sleep(AGAIN)
            finally:
                self.feed = None

    async def lasting(self, feed: Feed) -> bool:
        """Waits until a feed ends, which is True, or nobody has read for a while."""
        while True:
            before = self.reads
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE):
                    await feed.ended.wait()
                    return True
            if self.reads == before:
                return False

    async def close(self) -> None:
        """Follows no more."""
        if self.following is not None:
            self.following.cancel()
            with suppress(asyncio.CancelledError):
                await self.following
