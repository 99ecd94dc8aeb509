"""The contract's `host_mutex_lock` and `host_mutex_unlock`, and opening what serves guests in one worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gojinn.capabilities.capability import Caller, Served, Services
from gojinn.capabilities.lock.operations import DEFAULT_TTL, Operations
from gojinn.capabilities.request import told
from gojinn.engine.host import GuestCall
from gojinn.errors import Conflict, GojinnError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.keyspace import LONGEST_KEY, key_of
from gojinn.fabric.leases import LONGEST, Leases

DONE, FAILED = 1, 0
ERROR = 3
"""Level of a log entry."""


class Held(dict[str, str]):
    """The locks that an invocation has taken with `host_mutex_lock`: their secrets, by name."""


class HostCalls:
    """Serves the imports of one worker. Whoever locks in an invocation unlocks in the same one."""

    def __init__(self, leases: Leases) -> None:
        self.leases = leases

    async def lock(self, guest: GuestCall, key: int, length: int, seconds: int) -> int:
        """Takes a lock for some seconds, DEFAULT_TTL for 0; returns at once, DONE or FAILED.

        The function's end leaves it as it is: it lasts until it is unlocked or its time is over.
        """
        caller: Caller = guest.context
        try:
            name = key_of(guest.read(key, min(length, LONGEST_KEY + 1)))
            if not caller.allows("lock", "acquire", name):
                return FAILED
            ttl = min(float(seconds) or DEFAULT_TTL, LONGEST)
            lease = await self.leases.acquire(caller.tenant, name, ttl)
        except Conflict:
            return FAILED
        except GojinnError as error:
            caller.note(ERROR, f"host_mutex_lock: {told(error)}")
            return FAILED
        caller.own(Held, Held)[name] = lease.owner
        return DONE

    async def unlock(self, guest: GuestCall, key: int, length: int) -> int:
        """Gives a lock back; returns FAILED when this invocation does not hold it, or not any more."""
        caller: Caller = guest.context
        try:
            name = key_of(guest.read(key, min(length, LONGEST_KEY + 1)))
            owner = caller.own(Held, Held).get(name)
            if owner is None:
                return FAILED
            released = await self.leases.release(caller.tenant, name, owner)
        except GojinnError as error:
            caller.note(ERROR, f"host_mutex_unlock: {told(error)}")
            return FAILED
        del caller.own(Held, Held)[name]
        return DONE if released else FAILED


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves locks over the worker's connection."""
    leases = Leases(services[Fabric])
    calls = HostCalls(leases)
    yield Served(
        {"host_mutex_lock": calls.lock, "host_mutex_unlock": calls.unlock}, Operations(leases).table()
    )
