"""Tests of schedules in a real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from gojinn.fabric.schedules import Due, Planned, Schedules, Tick
from gojinn.testing.fabric import fabric

pytestmark = pytest.mark.slow

SOON = 0.2
"""Seconds until a schedule of a test is due."""
NAME = "nightly report.*"


@pytest.fixture
async def schedules() -> AsyncIterator[Schedules]:
    async with fabric() as connection:
        made = Schedules(connection)
        await made.make()
        yield made


class Ticks:
    """Collects what becomes due."""

    def __init__(self, *, acknowledging: bool = True) -> None:
        self.acknowledging = acknowledging
        self.arrived: asyncio.Queue[Tick] = asyncio.Queue()

    async def __call__(self, tick: Tick) -> None:
        if self.acknowledging:
            await tick.acknowledge()
        await self.arrived.put(tick)

    async def next(self) -> Tick:
        async with asyncio.timeout(10):
            return await self.arrived.get()


async def test_a_schedule_becomes_due_once_and_says_when_it_was(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    due = time.time() + SOON
    assert await schedules.plan("acme", NAME, due)
    tick = await ticks.next()
    assert (tick.tenant, tick.name, tick.due) == ("acme", NAME, due)
    assert time.time() >= due - 0.001
    assert ticks.arrived.empty()
    assert await schedules.settled()


async def test_one_that_is_planned_is_not_planned_again(schedules: Schedules) -> None:
    due = time.time() + 1000
    assert await schedules.plan("acme", NAME, due)
    assert not await schedules.plan("acme", NAME, due + 1)
    assert (await schedules.find("acme", NAME)).next == Due(due, "test")


async def test_what_was_due_before_is_due_at_once(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    await schedules.plan("acme", NAME, 1000.0)
    assert (await ticks.next()).due == 1000.0


async def test_one_that_has_been_due_can_be_planned_again(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    await schedules.plan("acme", NAME, 1000.0)
    await ticks.next()
    assert await schedules.plan("acme", NAME, time.time() + 1000)
    found = await schedules.find("acme", NAME)
    assert found.last == Due(1000.0, "test")


async def test_a_paused_one_is_not_due_until_it_is_resumed(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    await schedules.plan("acme", NAME, time.time() + SOON)
    await schedules.pause("acme", NAME, 7.0)
    assert not await schedules.plan("acme", NAME, time.time())
    assert (await schedules.find("acme", NAME)).next == Due(7.0, "test", paused=True)
    # One that is due later than the paused one would have been.
    await schedules.plan("acme", "other", time.time() + 2 * SOON)
    assert (await ticks.next()).name == "other"
    await schedules.resume("acme", NAME, 8.0)
    assert (await ticks.next()).due == 8.0


async def test_a_cancelled_one_is_forgotten(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    await schedules.plan("acme", NAME, time.time() + SOON)
    await schedules.plan("other", NAME, time.time() + 2 * SOON)
    await schedules.cancel("acme", NAME)
    assert (await ticks.next()).tenant == "other"
    assert [each.tenant for each in await schedules.list()] == ["other"]


async def test_the_list_has_every_schedule_with_what_is_known_of_it(schedules: Schedules) -> None:
    assert await schedules.list() == []
    await schedules.plan("b", "two", 5e9)
    await schedules.plan("a", "one", 5e9)
    assert await schedules.list() == [
        Planned("a", "one", Due(5e9, "test"), None),
        Planned("b", "two", Due(5e9, "test"), None),
    ]


async def test_followers_share_the_ticks(schedules: Schedules) -> None:
    ticks = Ticks()
    await schedules.follow(ticks)
    await schedules.follow(ticks)
    names = [f"s{number}" for number in range(20)]
    await asyncio.gather(*(schedules.plan("a", name, 1000.0) for name in names))
    assert sorted([(await ticks.next()).name for _ in names]) == sorted(names)
    assert ticks.arrived.empty()


async def test_a_tick_that_nobody_acknowledged_is_not_settled(schedules: Schedules) -> None:
    ticks = Ticks(acknowledging=False)
    await schedules.follow(ticks)
    await schedules.plan("a", NAME, 1000.0)
    tick = await ticks.next()
    assert not await schedules.settled()
    await tick.acknowledge()
    assert await schedules.settled()


async def test_making_it_again_keeps_what_is_there(schedules: Schedules) -> None:
    await schedules.plan("a", NAME, 5e9)
    await Schedules(schedules.fabric).make()
    assert len(await schedules.list()) == 1
