"""Tests of what keeps schedules going, with a real server. What runs is written down only."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import pytest

from gojinn.fabric.connection import Fabric
from gojinn.fabric.schedules import STREAM, Schedules
from gojinn.functions.config import FunctionConfig
from gojinn.testing.fabric import fabric
from gojinn.testing.jobs import until
from gojinn.triggers.cron.config import CronConfig
from gojinn.triggers.cron.ticker import Ticker
from gojinn.triggers.queue.config import Policy, QueueConfig

pytestmark = pytest.mark.slow

EVERY = CronConfig("each", "@every 1s", queue=QueueConfig("cron:each", Policy(), FunctionConfig("/x.wasm")))
NEVER_SOON = replace(EVERY, name="yearly", schedule="@yearly")


class Written:
    """Writes down which runs there are."""

    def __init__(self) -> None:
        self.runs: list[tuple[str, float]] = []
        self.seen = asyncio.Condition()
        self.at_it = False

    async def start(self, cron: CronConfig, due: float) -> None:
        async with self.seen:
            self.runs.append((cron.name, due))
            self.seen.notify_all()

    async def busy(self, cron: CronConfig) -> bool:
        return self.at_it

    async def until(self, enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(20), self.seen:
            await self.seen.wait_for(enough)


@pytest.fixture
async def connection() -> AsyncIterator[Fabric]:
    async with fabric() as opened:
        yield opened


@pytest.fixture
def runs() -> Written:
    return Written()


async def test_a_schedule_runs_at_each_of_its_instants_once(connection: Fabric, runs: Written) -> None:
    async with Ticker([EVERY], Schedules(connection), runs), Ticker([EVERY], Schedules(connection), runs):
        await runs.until(lambda: len(runs.runs) == 3)
    first = runs.runs[0][1]
    assert first == int(first)
    assert [due for _, due in runs.runs] == [first, first + 1, first + 2]


async def test_a_restart_neither_doubles_nor_loses_a_run(connection: Fabric, runs: Written) -> None:
    crons = [replace(EVERY, name=f"each{number}", missed="all") for number in range(5)]
    for total in (5, 10, 15):
        async with Ticker(crons, Schedules(connection), runs) as ticker:
            await runs.until(lambda total=total: len(runs.runs) >= total)  # type: ignore[misc]
            await ticker.drain()
    for cron in crons:
        dues = [due for name, due in runs.runs if name == cron.name]
        assert dues == [dues[0] + number for number in range(len(dues))]


async def test_what_is_no_longer_configured_is_cancelled(connection: Fabric, runs: Written) -> None:
    schedules = Schedules(connection)
    async with Ticker([NEVER_SOON, replace(NEVER_SOON, name="other")], schedules, runs) as ticker:
        await ticker.ready.wait()
    async with Ticker([NEVER_SOON], schedules, runs) as ticker:
        await ticker.ready.wait()
        assert [each.name for each in await schedules.list()] == ["yearly"]
    async with Ticker([], schedules, runs) as ticker:
        await ticker.ready.wait()
    assert await schedules.list() == []


async def test_without_any_schedule_nothing_is_made(connection: Fabric, runs: Written) -> None:
    async with Ticker([], Schedules(connection), runs) as ticker:
        await ticker.ready.wait()
    assert (await connection.api("STREAM.NAMES"))["total"] == 0


async def test_a_changed_expression_of_a_named_schedule_is_planned_anew(
    connection: Fabric, runs: Written
) -> None:
    schedules = Schedules(connection)
    async with Ticker([NEVER_SOON], schedules, runs) as ticker:
        await ticker.ready.wait()
    async with Ticker([replace(NEVER_SOON, schedule="@every 1s")], schedules, runs):
        await runs.until(lambda: len(runs.runs) == 1)


async def test_a_paused_schedule_stays_paused_through_a_restart(connection: Fabric, runs: Written) -> None:
    schedules = Schedules(connection)
    await schedules.make()
    await schedules.pause(EVERY.tenant, EVERY.name, time.time())
    other = replace(EVERY, name="other")
    async with Ticker([EVERY, other], schedules, runs):
        await runs.until(lambda: len(runs.runs) == 2)
    assert {name for name, _ in runs.runs} == {"other"}


MISSED = {"skip": 1, "one": 1, "all": 4}


@pytest.mark.parametrize("policy", MISSED)
async def test_what_was_missed_is_treated_by_policy(connection: Fabric, runs: Written, policy: str) -> None:
    """The clock of the ticker is three hours ahead of the server's, which fires what is due at once."""
    cron = replace(EVERY, schedule="@every 1h", missed=policy)
    schedules = Schedules(connection)
    await schedules.make()
    due = (time.time() // 3600) * 3600
    await schedules.plan(cron.tenant, cron.name, due)
    later = due + 3 * 3600 + (5 if policy == "skip" else 1800)
    async with Ticker([cron], schedules, runs, now=lambda: later):
        await runs.until(lambda: len(runs.runs) == MISSED[policy])
        planned = (await schedules.find(cron.tenant, cron.name)).next
    assert [given for _, given in runs.runs] == [due + 3600 * n for n in range(4)][-MISSED[policy] :]
    assert planned is not None
    assert planned.due == due + 4 * 3600


async def test_a_run_is_left_out_while_the_one_before_is_at_it(connection: Fabric, runs: Written) -> None:
    runs.at_it = True
    schedules = Schedules(connection)
    free = replace(EVERY, name="free", overlap="allow")
    async with Ticker([EVERY, free], schedules, runs):
        await runs.until(lambda: len(runs.runs) == 2)
        runs.at_it = False
        await runs.until(lambda: any(name == "each" for name, _ in runs.runs))
    assert [name for name, _ in runs.runs[:2]] == ["free", "free"]


async def test_a_run_that_cannot_be_made_is_made_later(connection: Fabric, runs: Written) -> None:
    """A tick whose handling ends half-way comes again, here to another worker."""

    class Broken(Written):
        async def start(self, cron: CronConfig, due: float) -> None:
            await super().start(cron, due)
            await asyncio.Event().wait()

    broken = Broken()
    schedules = Schedules(connection)
    async with Ticker([NEVER_SOON], schedules, broken) as ticker:
        await ticker.ready.wait()
        await schedules.resume(NEVER_SOON.tenant, NEVER_SOON.name, 1000.0)
        await broken.until(lambda: len(broken.runs) == 1)
    async with Ticker([NEVER_SOON], schedules, runs):
        await runs.until(lambda: len(runs.runs) == 1)
    assert runs.runs == broken.runs


class Clock:
    """A clock that is set by hand, off the machine's by some seconds."""

    def __init__(self, off: float) -> None:
        self.off = off

    def __call__(self) -> float:
        return time.time() + self.off


DAILY = replace(EVERY, name="daily", schedule="@daily")
DAY = 86400.0


async def due_of(schedules: Schedules, cron: CronConfig) -> float:
    planned = (await schedules.find(cron.tenant, cron.name)).next
    assert planned is not None
    return planned.due


async def test_a_clock_that_is_put_back_brings_schedules_back(connection: Fabric, runs: Written) -> None:
    """Planned while the clock was ten days ahead, a run would come ten days late."""
    schedules, clock = Schedules(connection), Clock(10 * DAY)
    async with Ticker([DAILY], schedules, runs, now=clock, look=0.02) as ticker:
        await ticker.ready.wait()
        assert await due_of(schedules, DAILY) > time.time() + 9 * DAY
        clock.off = 0

        async def back() -> bool:
            return await due_of(schedules, DAILY) <= time.time() + DAY

        await until(back)
    assert runs.runs == []


async def test_a_clock_that_is_put_forward_has_what_was_passed_planned_anew(
    connection: Fabric, runs: Written
) -> None:
    schedules, clock = Schedules(connection), Clock(0)
    async with Ticker([DAILY], schedules, runs, now=clock, look=0.02) as ticker:
        await ticker.ready.wait()
        due, stored = await due_of(schedules, DAILY), await last_sequence(connection)
        clock.off = 2 * DAY

        async def anew() -> bool:
            return await last_sequence(connection) > stored

        await until(anew)
        assert await due_of(schedules, DAILY) == due


async def last_sequence(connection: Fabric) -> int:
    return int((await connection.api(f"STREAM.INFO.{STREAM}"))["state"]["last_seq"])
