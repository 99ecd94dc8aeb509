"""The stores that a worker has open: one for each bucket or folder, and tenant. What they do is theirs."""

from __future__ import annotations

import asyncio
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gojinn.capabilities.blob.config import BlobConfig
from gojinn.capabilities.blob.local import LocalStore
from gojinn.capabilities.blob.store import BlobError, Store
from gojinn.observe.log import get

if TYPE_CHECKING:
    from gojinn.capabilities.blob.s3 import Bucket

THREADS = 4
"""File operations of one worker that run at once; most of their time is waiting for the disk."""
MOST_STORES = 256
"""Tenants' stores that stay open; one more, and the one that was used longest ago is forgotten."""

log = get("gojinn.blob")


class Blobs:
    """The objects of a worker's functions."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        """Where the objects of those are that name no bucket."""
        self.threads = ThreadPoolExecutor(THREADS, "blob")
        self.stores: OrderedDict[tuple[BlobConfig, str], Store] = OrderedDict()
        self.buckets: dict[BlobConfig, Bucket] = {}
        self.counts: dict[BlobConfig, Counter[str]] = {}
        """What was done where, such as `put`, and the bytes of it."""
        self.probes: set[asyncio.Task[None]] = set()

    def store(self, config: BlobConfig, tenant: str) -> Store:
        """Finds or opens the store of a tenant."""
        key = (config, tenant)
        found = self.stores.get(key)
        if found is None:
            if len(self.stores) >= MOST_STORES:
                self.stores.popitem(last=False)
            found = self.stores[key] = self.opened(config, tenant)
        else:
            self.stores.move_to_end(key)
        return found

    def opened(self, config: BlobConfig, tenant: str) -> Store:
        """Opens a store."""
        if config.s3_bucket:
            from gojinn.capabilities.blob.s3 import BucketStore

            return BucketStore(self.bucket(config), "" if config.s3_shared else f"{tenant}/")
        return LocalStore(self.folder / tenant, self.threads)

    def bucket(self, config: BlobConfig) -> Bucket:
        """Finds or makes what is shared by a bucket's stores."""
        from gojinn.capabilities.blob.s3 import Bucket  # its client takes 40 ms to load, and 6 MB

        found = self.buckets.get(config)
        if found is None:
            found = self.buckets[config] = Bucket(config)
        return found

    def bound(self, settings: Mapping[type, Any]) -> None:
        """Looks at the bucket of a function that is going to run: whether it answers and what it can do."""
        config: BlobConfig = settings[BlobConfig]
        if config.s3_bucket and config not in self.buckets:
            task = asyncio.ensure_future(probe(self.bucket(config)))
            self.probes.add(task)
            task.add_done_callback(self.probes.discard)

    def count(self, config: BlobConfig, what: str, size: int = 0) -> None:
        """Notes what was done."""
        counts = self.counts.setdefault(config, Counter())
        counts[what] += 1
        if size:
            counts[f"{what}_bytes"] += size

    def report(self) -> dict[str, Any]:
        """What is open and was done, by bucket, for `gojinn status`."""
        found: dict[str, Any] = {}
        for config in {**self.buckets, **self.counts}:
            name = config.s3_bucket or "data directory"
            entry = found.setdefault(name, {"endpoint": config.s3_endpoint, "conditional_writes": "yes"})
            if config.s3_bucket:
                entry["conditional_writes"] = SHOWN[self.bucket(config).conditional]
            for what, count in self.counts.get(config, {}).items():
                entry[what] = entry.get(what, 0) + count
        return found

    async def close(self) -> None:
        """Lets go of everything."""
        for task in self.probes:
            task.cancel()
        await asyncio.gather(*self.probes, return_exceptions=True)
        self.threads.shutdown()


SHOWN = {True: "yes", False: "no", None: "unknown"}


async def probe(bucket: Bucket) -> None:
    """Tells the log how a bucket is. A start does not wait for it: the network may be slower than we are."""
    name = bucket.config.s3_bucket
    try:
        works = await bucket.probe()
    except BlobError as error:
        log.warning("bucket cannot be used", bucket=name, error=error.message, detail=error.detail)
    else:
        log.info("bucket ready", bucket=name, conditional_writes=works)


@asynccontextmanager
async def blobs_opened(folder: Path) -> AsyncIterator[Blobs]:
    """Opens the objects of a worker."""
    blobs = Blobs(folder)
    try:
        yield blobs
    finally:
        await blobs.close()
