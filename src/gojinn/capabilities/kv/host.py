"""The contract's `host_kv_get` and `host_kv_set`, and opening what serves guests in one worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gojinn.capabilities.capability import Caller, Served, Services
from gojinn.capabilities.kv.capability import MISSING
from gojinn.capabilities.kv.operations import Operations
from gojinn.capabilities.request import told
from gojinn.engine.host import GuestCall
from gojinn.errors import GojinnError, Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.keyspace import LONGEST_KEY, key_of
from gojinn.fabric.records import LARGEST_VALUE
from gojinn.fabric.store import Stores
from gojinn.fabric.watermarks import Watermarks

ERROR = 3
"""Level of a log entry."""


class HostCalls:
    """Serves the imports of one worker. They cannot tell a guest what went wrong: that goes to its log.

    Both raise Unavailable, which ends the invocation, when NATS does not answer: a guest would take a key for
    missing that is not, or tell its caller that something is stored.
    """

    def __init__(self, stores: Stores) -> None:
        self.stores = stores

    async def get(self, guest: GuestCall, key: int, key_length: int, out: int, limit: int) -> int:
        """Writes a value, cut at `limit` bytes, and returns the bytes written, or MISSING."""
        caller: Caller = guest.context
        try:
            name = key_of(guest.read(key, min(key_length, LONGEST_KEY + 1)))
            if not caller.allows("kv", "read", name):
                return MISSING
            entry = await self.stores.of(caller.tenant).get(name)
        except Unavailable:
            raise
        except GojinnError as error:
            caller.note(ERROR, f"host_kv_get: {told(error)}")
            return MISSING
        if entry.value is None:
            return MISSING
        data = entry.value[:limit]
        guest.write(out, data)
        return len(data)

    async def set(self, guest: GuestCall, key: int, key_length: int, value: int, length: int) -> None:
        """Writes a key; returns when that is on disk."""
        caller: Caller = guest.context
        try:
            name = key_of(guest.read(key, min(key_length, LONGEST_KEY + 1)))
            data = guest.read(value, min(length, LARGEST_VALUE + 1))
            if caller.allows("kv", "write", name):
                await self.stores.of(caller.tenant).put(name, data)
        except Unavailable:
            raise
        except GojinnError as error:
            caller.note(ERROR, f"host_kv_set: {told(error)}")


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves the key-value store over the worker's connection."""
    async with Stores(services[Fabric], services.get(Watermarks)) as stores:
        calls = HostCalls(stores)
        yield Served({"host_kv_get": calls.get, "host_kv_set": calls.set}, Operations(stores).table())
