"""The key-value stores of a process as its callers see them: writes to the leader, reads from the mirror.

What is stored, and how, is `buckets`'; who may read or write it is the callers' business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from gojinn.fabric.buckets import Bucket
from gojinn.fabric.commits import Change, commit
from gojinn.fabric.connection import Fabric
from gojinn.fabric.listing import Page, list_keys
from gojinn.fabric.mirror import CAPACITY, Copies, Mirror
from gojinn.fabric.records import Entry
from gojinn.fabric.watermarks import Watermarks


class Store:
    """The keys of one tenant. Methods are those of `Bucket`, and raise the same."""

    def __init__(self, bucket: Bucket, mirror: Mirror) -> None:
        self.bucket = bucket
        self.mirror = mirror

    async def get(self, key: str, *, consistent: bool = False) -> Entry:
        """Reads a key. What any process of this node has written is seen at once; `consistent` asks the
        leader, who also knows at once what other nodes have written."""
        return await (self.mirror.load(key) if consistent else self.mirror.get(key))

    async def put(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        """Writes a key."""
        return self.wrote(key, value, await self.bucket.put(key, value, ttl=ttl))

    async def create(self, key: str, value: bytes, *, ttl: float | None = None) -> int:
        """Writes a key that does not exist."""
        return self.wrote(key, value, await self.bucket.create(key, value, ttl=ttl))

    async def cas(self, key: str, value: bytes, revision: int, *, ttl: float | None = None) -> int:
        """Writes a key that still has this revision."""
        return self.wrote(key, value, await self.bucket.cas(key, value, revision, ttl=ttl))

    async def delete(self, key: str, *, revision: int | None = None) -> int:
        """Deletes a key."""
        return self.wrote(key, None, await self.bucket.delete(key, revision=revision))

    async def commit(self, changes: Sequence[Change]) -> list[int]:
        """Makes all changes or none."""
        revisions = await commit(self.bucket, changes)
        for change, revision in zip(changes, revisions, strict=True):
            self.wrote(change.key, change.value, revision)
        return revisions

    async def list(self, prefix: str = "", *, after: str | None = None, limit: int = 100) -> Page:
        """Lists keys."""
        return await list_keys(self.bucket, prefix, after=after, limit=limit)

    def wrote(self, key: str, value: bytes | None, revision: int) -> int:
        """Makes an acknowledged write known to all readers of this node; returns its revision."""
        self.mirror.wrote(key, Entry(value, revision))
        return revision


class Stores:
    """The stores of all tenants, made as they are asked for. Leaving ends what follows them."""

    def __init__(
        self, fabric: Fabric, watermarks: Watermarks | None = None, *, capacity: int = CAPACITY
    ) -> None:
        """`capacity` is the bytes that copies may take; a node of one process needs no watermarks."""
        self.fabric = fabric
        self.copies = Copies(capacity)
        self.watermarks = watermarks or Watermarks.alone()
        self.stores: dict[str, Store] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.gather(*(store.mirror.close() for store in self.stores.values()))

    def of(self, tenant: str) -> Store:
        """Finds the store of a tenant."""
        store = self.stores.get(tenant)
        if store is None:
            bucket = Bucket(self.fabric, tenant)
            store = self.stores[tenant] = Store(bucket, Mirror(bucket, self.copies, self.watermarks))
        return store
