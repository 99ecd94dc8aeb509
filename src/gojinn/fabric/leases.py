"""Locks that expire: a lease is a key that lives for some seconds and is renewed. What is guarded is
others'.

The fencing token of a lease is the place in its stream at which it was taken, so it is higher than that of
all leases before. A holder that sleeps through its lease does not know that it has lost it: whatever is
guarded has to compare tokens, and to refuse one that is lower than the last that it saw.
"""

from __future__ import annotations

import asyncio
import random
import secrets
from typing import NamedTuple

import msgspec

from gojinn.errors import BadRequest, Conflict, clip
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Fabric

SHORTEST, LONGEST = 1.0, 86400.0
"""Seconds that a lease may be taken for; fractions are rounded up."""
FIRST_WAIT, LAST_WAIT = 0.005, 0.1
"""Seconds between two attempts to take a lease that somebody has, growing."""


class Lease(NamedTuple):
    """A lease as its holder knows it."""

    name: str
    owner: str
    """A secret that nobody else knows: who has it may renew and release."""
    token: int
    """Fencing token."""
    ttl: float
    """Seconds that it lasts from when it was asked for."""


class Held(msgspec.Struct):
    """What is stored under the name of a lease."""

    owner: str
    token: int = 0
    """0 until it is renewed: the token is the place of this very message."""


read_held = msgspec.json.Decoder(Held).decode
write_json = msgspec.json.Encoder().encode


class Leases:
    """The leases of all tenants. Methods raise BadRequest, LimitExceeded and Unavailable as a bucket does."""

    def __init__(self, fabric: Fabric) -> None:
        self.fabric = fabric
        self.buckets: dict[str, Bucket] = {}

    async def acquire(self, tenant: str, name: str, ttl: float, *, wait: float = 0.0) -> Lease:
        """Takes a lease, waiting up to `wait` seconds for others to release it or let it expire.

        Raises Conflict when somebody still has it then. Whoever waits longest need not be the next.
        """
        check_ttl(ttl)
        owner = secrets.token_urlsafe(16)
        loop = asyncio.get_running_loop()
        until = loop.time() + wait
        pause = FIRST_WAIT
        while True:
            try:
                token = await self.bucket(tenant).create(name, write_json(Held(owner)), ttl=ttl)
                return Lease(name, owner, token, ttl)
            except Conflict as error:
                if loop.time() >= until:
                    raise Conflict(f"somebody has the lock '{clip(name)}'", hint="try again later") from error
            await asyncio.sleep(min(pause * random.uniform(0.5, 1.0), max(0.0, until - loop.time())))
            pause = min(2 * pause, LAST_WAIT)

    async def renew(self, tenant: str, name: str, owner: str, ttl: float) -> Lease:
        """Makes a lease last `ttl` seconds from now. Raises Conflict when it has been lost."""
        check_ttl(ttl)
        held, revision = await self.held(tenant, name)
        if held is None or held.owner != owner:
            raise lost(name)
        token = held.token or revision
        try:
            await self.bucket(tenant).cas(name, write_json(Held(owner, token)), revision, ttl=ttl)
        except Conflict as error:
            raise lost(name) from error
        return Lease(name, owner, token, ttl)

    async def release(self, tenant: str, name: str, owner: str) -> bool:
        """Gives a lease back; returns False when it has been lost, or somebody else has it."""
        held, revision = await self.held(tenant, name)
        if held is None or held.owner != owner:
            return False
        try:
            await self.bucket(tenant).delete(name, revision=revision)
        except Conflict:
            return False
        return True

    async def held(self, tenant: str, name: str) -> tuple[Held | None, int]:
        """Reads who has a lease, None for nobody, and its revision."""
        entry = await self.bucket(tenant).get(name)
        return None if entry.value is None else read_held(entry.value), entry.revision

    def bucket(self, tenant: str) -> Bucket:
        """Finds the bucket with a tenant's leases."""
        found = self.buckets.get(tenant)
        if found is None:
            found = self.buckets[tenant] = Bucket(self.fabric, tenant, "lock")
        return found


def check_ttl(ttl: float) -> None:
    """Raises BadRequest for a time that a lease cannot last."""
    if not SHORTEST <= ttl <= LONGEST:
        expected = f"{SHORTEST:g} to {LONGEST:,.0f} seconds"
        raise BadRequest(f"wrong time for a lock: given {ttl:g} seconds, expected {expected}")


def lost(name: str) -> Conflict:
    """Makes the error for a lease that is no longer the caller's."""
    hint = "take it again; what it guards may have been changed by others"
    return Conflict(f"the lock '{clip(name)}' is not held by this owner", hint=hint)
