from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from gojinn.errors import BadRequest, Conflict, LimitExceeded
from gojinn.fabric.connection import Fabric
from gojinn.fabric.leases import Leases

pytestmark = pytest.mark.slow


@pytest.fixture
def leases(fabric: Fabric) -> Leases:
    return Leases(fabric)


async def test_only_one_has_a_lease(leases: Leases) -> None:
    await leases.acquire("acme", "door", 30)
    with pytest.raises(Conflict, match="somebody has the lock 'door'"):
        await leases.acquire("acme", "door", 30)
    await leases.acquire("acme", "window", 30)
    await leases.acquire("other", "door", 30)


async def test_tokens_grow(leases: Leases) -> None:
    tokens = []
    for _ in range(5):
        lease = await leases.acquire("acme", "door", 30)
        tokens.append(lease.token)
        lease = await leases.renew("acme", "door", lease.owner, 30)
        assert lease.token == tokens[-1]
        assert await leases.release("acme", "door", lease.owner)
    assert tokens == sorted(set(tokens))


async def test_only_the_owner_releases(leases: Leases) -> None:
    lease = await leases.acquire("acme", "door", 30)
    assert not await leases.release("acme", "door", "somebody else")
    assert not await leases.release("acme", "door", "")
    with pytest.raises(Conflict):
        await leases.acquire("acme", "door", 30)
    assert await leases.release("acme", "door", lease.owner)
    assert not await leases.release("acme", "door", lease.owner)


async def test_a_lease_expires_and_is_taken_over(leases: Leases) -> None:
    began = monotonic()
    first = await leases.acquire("acme", "door", 1)
    second = await leases.acquire("acme", "door", 30, wait=10)
    assert 1.0 <= monotonic() - began < 5
    assert second.token > first.token
    with pytest.raises(Conflict, match="not held by this owner"):
        await leases.renew("acme", "door", first.owner, 30)
    assert not await leases.release("acme", "door", first.owner)


async def test_renewing_keeps_a_lease(leases: Leases) -> None:
    lease = await leases.acquire("acme", "door", 1)
    rival = asyncio.create_task(leases.acquire("acme", "door", 1, wait=30))
    until = monotonic() + 2.5
    while monotonic() < until:
        lease = await leases.renew("acme", "door", lease.owner, 1)
        await asyncio.sleep(0.3)  # what a holder does between two renewals
    assert not rival.done()
    await leases.release("acme", "door", lease.owner)
    assert (await rival).token > lease.token


async def test_an_expired_lease_cannot_be_renewed(leases: Leases) -> None:
    lease = await leases.acquire("acme", "door", 1)
    async with asyncio.timeout(10):
        while (await leases.held("acme", "door"))[0] is not None:  # noqa: ASYNC110  (nobody is told)
            await asyncio.sleep(0.02)
    with pytest.raises(Conflict):
        await leases.renew("acme", "door", lease.owner, 1)


async def test_who_waits_gets_it_when_it_is_released(leases: Leases) -> None:
    lease = await leases.acquire("acme", "door", 30)
    waiting = [asyncio.create_task(leases.acquire("acme", "door", 30, wait=20)) for _ in range(3)]
    tokens = [lease.token]
    for _ in range(3):
        await leases.release("acme", "door", lease.owner)
        done, rest = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        waiting = list(rest)
        lease = done.pop().result()
        tokens.append(lease.token)
    assert tokens == sorted(set(tokens))


@pytest.mark.parametrize("ttl", [0, 0.5, -1, 1e9, float("nan"), float("inf")])
async def test_impossible_times_are_refused(leases: Leases, ttl: float) -> None:
    with pytest.raises(BadRequest, match="wrong time for a lock"):
        await leases.acquire("acme", "door", ttl)


async def test_impossible_names_are_refused(leases: Leases) -> None:
    with pytest.raises(BadRequest, match="empty"):
        await leases.acquire("acme", "", 30)
    with pytest.raises(LimitExceeded, match="too long"):
        await leases.acquire("acme", "x" * 10_000, 30)


async def test_a_cancelled_wait_leaves_nothing_behind(leases: Leases) -> None:
    lease = await leases.acquire("acme", "door", 30)
    waiting = asyncio.create_task(leases.acquire("acme", "door", 30, wait=60))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    await leases.release("acme", "door", lease.owner)
    await leases.acquire("acme", "door", 30)
