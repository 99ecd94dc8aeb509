"""Keeps the schedules of a configuration going: plans them, and has runs made of their ticks.

Every worker does this, and nobody coordinates them: whatever is planned or run twice is the same both times,
so the second time changes nothing. What is run, and how often that is tried, is a queue's business.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from gojinn.errors import GojinnError, NotFound
from gojinn.fabric.connection import Subscription
from gojinn.fabric.schedules import Planned, Schedules, Tick
from gojinn.observe.log import get
from gojinn.triggers.cron.config import CronConfig
from gojinn.triggers.cron.plan import LATE, following, plan
from gojinn.triggers.cron.schedule import Schedule

TRY_AGAIN = 1.0
"""Seconds after which a start is tried again that NATS did not allow."""
FORGOTTEN = 60.0
"""Seconds after which a tick is dropped whose schedule nobody has. Until then a worker or node that is being
moved to another configuration may still come to know it."""
LOOK, JUMP = 5.0, 5.0
"""Seconds between two looks at the clock, and by how much it has to be off for its having been changed."""

log = get("gojinn.cron")


class Runs(Protocol):
    """Makes runs of ticks."""

    async def start(self, cron: CronConfig, due: float) -> None:
        """Has a function run for an instant, once however often this is called."""

    async def busy(self, cron: CronConfig) -> bool:
        """Whether a run of a schedule waits, is at it, or will be tried again."""


class Ticker:
    """Keeps schedules going from being entered to being drained."""

    def __init__(
        self,
        crons: Sequence[CronConfig],
        schedules: Schedules,
        runs: Runs,
        now: Callable[[], float] = time.time,
        look: float = LOOK,
    ) -> None:
        self.crons = {(cron.tenant, cron.name): cron for cron in crons}
        self.schedules = schedules
        self.runs = runs
        self.now = now
        self.look = look
        self.subscription: Subscription | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.ready = asyncio.Event()
        """Set once everything is planned and ticks are heard."""
        self.forget: Callable[[], None] = lambda: None
        self.clock: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.spawn(self.begin())
        self.forget = self.schedules.fabric.on_reconnect(self.resume)
        self.clock = asyncio.create_task(self.heed(), name="clock of schedules")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_listening()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def drain(self) -> None:
        """Hears no more ticks, and returns when those that were heard are handled."""
        await self.stop_listening()
        if not self.ready.is_set():
            for task in self.tasks:
                task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def stop_listening(self) -> None:
        """Leaves further ticks to others."""
        self.forget()
        if self.clock is not None:
            self.clock.cancel()
            await asyncio.gather(self.clock, return_exceptions=True)
        subscription, self.subscription = self.subscription, None
        if subscription is not None:
            await subscription.close()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Does something in the background."""
        task = asyncio.create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def begin(self) -> None:
        """Plans everything and listens; tries again for as long as NATS does not allow it."""
        while True:
            try:
                await self.reconcile()
                if self.crons:
                    self.subscription = await self.schedules.follow(self.take)
                self.ready.set()
                return
            except GojinnError as error:
                log.warning("schedules cannot be planned yet", error=str(error), next_in=TRY_AGAIN)
                await asyncio.sleep(TRY_AGAIN)

    async def resume(self) -> None:
        """Sees after a reconnection that nothing is missing, such as on another, empty server."""
        if self.ready.is_set():
            await self.reconcile()

    async def heed(self) -> None:
        """Notices a changed clock, such as one that was wrong until the network set it, or that of a machine
        that slept: what was planned by the former time may be hours off."""
        offset = self.now() - time.monotonic()
        while True:
            await asyncio.sleep(self.look)
            moved = self.now() - time.monotonic() - offset
            if abs(moved) < JUMP or not self.ready.is_set():
                continue
            log.warning("the clock was changed", seconds=round(moved, 3))
            try:
                await self.reconcile()
                offset += moved
            except GojinnError as error:
                log.warning("schedules cannot be planned yet", error=str(error), next_in=self.look)

    async def reconcile(self) -> None:
        """Plans what is not planned, and cancels what this node planned and the configuration has no more."""
        if self.crons:
            await self.schedules.make()
        try:
            known = {(each.tenant, each.name): each for each in await self.schedules.list()}
        except NotFound:
            known = {}  # there never was a schedule
        for key, cron in self.crons.items():
            await self.restore(cron, known.get(key))
        for key, planned in known.items():
            made_by = planned.next or planned.last
            if key not in self.crons and made_by and made_by.node == self.schedules.fabric.node.id:
                await self.schedules.cancel(*key)
                log.info("schedule removed", schedule=planned.name, tenant=planned.tenant)

    async def restore(self, cron: CronConfig, known: Planned | None) -> None:
        """Sees that a schedule becomes due when it should, which a changed expression may change."""
        times = cron.times()
        if known is None:
            due = following(times, self.now())
            if due is not None and await self.schedules.plan(cron.tenant, cron.name, due):
                log.info("schedule added", schedule=cron.name, tenant=cron.tenant, due=due)
        elif known.next is None:
            # Its tick is being handled, unless whoever did that came to its end in between.
            if known.last is not None and await self.schedules.settled():
                due = following(times, known.last.due)
                if due is not None:
                    await self.schedules.plan(cron.tenant, cron.name, due)
        elif not known.next.paused and not fits(times, known.next.due, self.now()):
            due = following(times, self.now())
            if due is not None:
                await self.schedules.resume(cron.tenant, cron.name, due)
        elif not known.next.paused and known.next.due < self.now() - LATE:
            # NATS counts the seconds to an instant, and does not notice that the clock has passed it.
            await self.schedules.resume(cron.tenant, cron.name, known.next.due)

    async def take(self, tick: Tick) -> None:
        """Handles a tick, beside others."""
        cron = self.crons.get((tick.tenant, tick.name))
        if cron is not None:
            self.spawn(self.guarded(cron, tick))
        elif self.now() - tick.due > FORGOTTEN:
            await tick.acknowledge()

    async def guarded(self, cron: CronConfig, tick: Tick) -> None:
        """Handles a tick; one that fails comes again."""
        try:
            await self.handle(cron, tick)
        except GojinnError as error:
            log.warning("tick not handled, it comes again", schedule=cron.name, error=str(error))

    async def handle(self, cron: CronConfig, tick: Tick) -> None:
        """Plans the next tick and makes runs of this one."""
        decided = plan(cron.times(), cron.missed, tick.due, self.now())
        if decided.next is not None and not await self.schedules.plan(cron.tenant, cron.name, decided.next):
            planned = (await self.schedules.find(cron.tenant, cron.name)).next
            if planned is not None and planned.paused:
                await tick.acknowledge()
                return
        if decided.left_out:
            log.warning("runs were missed", schedule=cron.name, left_out=decided.left_out, policy=cron.missed)
        if decided.runs and cron.overlap == "forbid" and await self.runs.busy(cron):
            log.warning("run left out, the one before is still at it", schedule=cron.name, due=tick.due)
        else:
            for due in decided.runs:
                await self.runs.start(cron, due)
        await tick.acknowledge()


def fits(times: Schedule, due: float, now: float) -> bool:
    """Whether a schedule may have been planned for an instant by the expression that it has now."""
    soonest = following(times, now)
    return following(times, due - 0.001) == due and (soonest is None or due <= soonest)
