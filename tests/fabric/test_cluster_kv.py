"""Keys and locks on a cluster of three servers as users run them, one of which is killed."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest

from gojinn.errors import Conflict, Unavailable
from gojinn.fabric.commits import Change
from gojinn.fabric.connection import Fabric
from gojinn.fabric.leases import Leases
from gojinn.fabric.store import Store, Stores
from gojinn.testing import fabric as kit

pytestmark = pytest.mark.slow
PATIENCE = 60.0
"""Seconds for a cluster on a busy machine to elect another leader; 4 to 10 are usual."""


async def race(store: Store, revision: int) -> list[int]:
    """Has eight write at once; returns the revisions of those who won."""

    async def contend(number: int) -> int | None:
        with suppress(Conflict):
            return await store.cas("prize", b"%d" % number, revision)
        return None

    return [each for each in await asyncio.gather(*map(contend, range(8))) if each is not None]


async def insist(write: Callable[[], Awaitable[object]]) -> None:
    """Writes until that is acknowledged."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with suppress(Unavailable):
                await write()
                return


async def leader(fabric: Fabric, stream: str) -> str:
    """Names the server that leads a stream."""
    info = await fabric.api(f"STREAM.INFO.{stream}")
    return str(info["cluster"]["leader"])


async def test_three_servers_serve_keys_and_one_may_die() -> None:
    async with kit.cluster() as cluster:
        node = cluster.node()
        async with (
            Fabric(node, "writer") as one,
            Fabric(node, "reader") as two,
            Stores(one) as writers,
            Stores(two) as readers,
        ):
            writer, reader = writers.of("acme"), readers.of("acme")
            for number in range(100):
                await writer.put("key", b"%d" % number)
                assert (await reader.get("key", consistent=True)).value == b"%d" % number
            revision = await writer.put("prize", b"")
            for _ in range(5):
                (revision,) = await race(writer, revision)
            with pytest.raises(Conflict):
                await writer.commit([Change("a", b"1"), Change("prize", b"", revision=1)])
            await writer.commit([Change("a", b"1"), Change("b", b"1")])
            assert [item.key for item in (await reader.list()).items] == ["a", "b", "key", "prize"]

            # Made while all are there: a new stream needs as many servers as it has copies.
            door = await Leases(one).acquire("acme", "door", 300)
            name = await leader(one, writer.bucket.keys.stream)
            victim = next(member for member in cluster.members if member.name == name)
            await victim.kill()
            for number in range(50):
                await insist(lambda number=number: writer.put(f"k{number}", b"1"))  # type: ignore[misc]
            for number in range(50):
                assert (await reader.get(f"k{number}", consistent=True)).value == b"1"
            assert (await reader.get("key", consistent=True)).value == b"99"
            async with asyncio.timeout(PATIENCE):
                while reader.mirror.peek("key") is None:
                    await reader.get("key")
            with pytest.raises(Conflict):
                await Leases(two).acquire("acme", "door", 30)
            assert await Leases(two).release("acme", "door", door.owner)
