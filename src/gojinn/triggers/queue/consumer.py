"""What runs the jobs of one generation's queues and functions in one worker. One attempt is `attempt`'s."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Coroutine, Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from nats.aio.msg import Msg

from gojinn.capabilities.queue.targets import Directory, Target
from gojinn.errors import ConfigError, GojinnError
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs import lanes
from gojinn.fabric.jobs.job import Job
from gojinn.fabric.jobs.lanes import ACK_WAIT, OPENED, Lane, declare, open_lanes
from gojinn.fabric.jobs.mend import mend, reopen
from gojinn.fabric.jobs.pull import Delivery, Key, Puller
from gojinn.fabric.jobs.search import times_in
from gojinn.fabric.jobs.store import DUE, EARLY, Jobs
from gojinn.fabric.jobs.workers import HELD
from gojinn.functions.function import Function
from gojinn.functions.registry import Binding
from gojinn.functions.runner import Runner
from gojinn.observe.log import get
from gojinn.triggers.queue.answers import Answers
from gojinn.triggers.queue.attempt import Attempt
from gojinn.triggers.queue.config import Policy
from gojinn.triggers.queue.functions import Functions
from gojinn.triggers.queue.slots import Rate, Slots
from gojinn.triggers.queue.turns import Turns

HOLD = ACK_WAIT / 4
"""Seconds between two signs that jobs here are still being worked on."""
LOOK = 30.0
"""Seconds between two looks for what nobody told of: lanes, and jobs that were left behind."""
MOST_HELD = 64 << 20
"""Bytes of jobs in this worker after which no more are asked for."""
HUNGRY_AT_ONCE = 8
"""Lanes that are asked when a job has ended. Those that there still is no memory for go to the end."""
AGAIN = 1.0
"""Seconds before a lane that could not be used is tried again."""

log = get("gojinn.jobs")


@dataclass(slots=True, eq=False)
class Queue:
    """A queue, or the jobs of one module, as this generation runs them."""

    name: str
    policy: Policy
    binding: Binding | None = None
    """None for a module: each of its jobs says which function."""
    rate: Rate | None = None


class QueueConsumer:
    """Runs jobs. It takes as many as it can run soon, so that what it cannot is left to others."""

    def __init__(
        self,
        jobs: Jobs,
        runner: Runner,
        slots: Slots,
        functions: Functions,
        queues: Mapping[str, Queue],
        directory: Directory,
    ) -> None:
        self.jobs = jobs
        self.fabric: Fabric = jobs.fabric
        self.runner = runner
        self.slots = slots
        self.functions = functions
        self.queues = dict(queues)
        self.directory = directory
        self.turns = Turns()
        self.attempts: dict[Key, tuple[Attempt, asyncio.Task[None]]] = {}
        """Those that run."""
        self.puller = Puller(self.fabric, self.take, self.refill, self.lost)
        self.known: set[Lane] = set()
        self.hungry: dict[Lane, None] = {}
        """Lanes that would have been asked for jobs, had there been memory for any."""
        self.parked: dict[Delivery, asyncio.TimerHandle] = {}
        """Jobs that have been given out a little before their time."""
        self.held = 0
        """Bytes of the jobs that are here."""
        self.restarted = asyncio.Event()
        self.draining = False
        self.address = names.system("jobs", "worker", secrets.token_hex(8))
        """Where this consumer is told to cancel a job."""
        answers = Answers(self)
        self.subjects = {OPENED: self.hear, HELD: answers.tell, self.address: answers.cancel}
        self.stack = AsyncExitStack()
        self.work: set[asyncio.Task[object]] = set()
        self.waking: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self.directory.names = self.functions.targets
        self.slots.listeners.append(self.pump)
        self.start(self.serve())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.draining = True
        self.slots.listeners.remove(self.pump)
        if self.waking is not None:
            self.waking.cancel()
        tasks: list[asyncio.Task[Any]] = [*(task for _, task in self.attempts.values()), *self.work]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.give_back()
        await self.stack.aclose()
        self.functions.close()

    async def drain(self) -> None:
        """Gives back what has not begun, and waits for what has."""
        self.draining = True
        await self.give_back()
        while self.attempts:
            await asyncio.wait({task for _, task in self.attempts.values()})

    async def give_back(self) -> None:
        """Lets others have the jobs that have not begun."""
        for timer in self.parked.values():
            timer.cancel()
        waiting = [*self.turns.clear(), *self.parked]
        self.parked.clear()
        await asyncio.gather(*(delivery.give_back() for delivery in waiting))

    def start(self, work: Coroutine[Any, Any, object]) -> None:
        """Runs something beside the jobs, for as long as this is entered."""
        task = asyncio.create_task(work)
        self.work.add(task)
        task.add_done_callback(self.forget)

    def forget(self, task: asyncio.Task[object]) -> None:
        """Takes note of the end of such work."""
        self.work.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("work beside the jobs ended badly", exc_info=error)

    async def serve(self) -> None:
        """Connects to the lanes and keeps at it."""
        while True:
            try:
                await self.stack.enter_async_context(self.puller)
                for subject, handler in self.subjects.items():
                    self.stack.push_async_callback((await self.fabric.subscribe(subject, handler)).close)
                break
            except GojinnError as error:
                log.warning("jobs cannot be taken yet", error=str(error))
                await asyncio.sleep(AGAIN)
        self.start(self.hold())
        self.stack.callback(self.fabric.on_reconnect(self.doubt))
        while not self.draining:
            try:
                await self.mend()
                for lane in await open_lanes(self.fabric):
                    self.adopt(lane)
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK):
                        await self.restarted.wait()
                self.restarted.clear()
            except GojinnError as error:
                log.warning("lanes cannot be listed", error=str(error))
                await asyncio.sleep(AGAIN)

    async def doubt(self) -> None:
        """Hears that the connection was lost: NATS may have been started anew."""
        self.jobs.mended = False
        self.restarted.set()

    async def mend(self) -> None:
        """Deals with what a crash of NATS may have left behind; one worker does."""
        if self.slots.seat.number:
            return
        if not self.jobs.mended:
            await reopen(self.jobs)
            self.jobs.mended = True
        for lane in list(self.known):
            await mend(self.jobs, lane)

    async def hear(self, message: Msg) -> None:
        """Hears of a lane that somebody has opened."""
        lane = lanes.read_lane(message.data)
        if lane is not None:
            self.adopt(lane)

    def adopt(self, lane: Lane) -> None:
        """Takes a lane's jobs from now on, if this generation has a function for them."""
        if lane in self.known or self.draining:
            return
        queue = self.queue(lane.queue)
        if queue is not None:
            self.known.add(lane)
            self.start(self.open(lane, queue))

    async def open(self, lane: Lane, queue: Queue) -> None:
        """Makes a lane as its queue wants it, and asks for its jobs."""
        while not self.draining:
            try:
                await declare(self.fabric, lane, self.slots.seat.at_once(queue.policy.concurrency))
                break
            except GojinnError as error:
                log.warning(
                    "a queue cannot be served yet", queue=lane.queue, tenant=lane.tenant, error=str(error)
                )
                await asyncio.sleep(AGAIN)
        if lane not in self.puller.taps:
            self.puller.add(lane)
        self.refill(lane)

    def lost(self, lane: Lane) -> None:
        """Hears that a lane's consumer is gone."""
        queue = self.queue(lane.queue)
        if queue is not None and not self.draining:
            self.start(self.reopen(lane, queue))

    async def reopen(self, lane: Lane, queue: Queue) -> None:
        """Makes a lane again, after a moment: its whole stream may have gone."""
        await asyncio.sleep(AGAIN)
        await self.open(lane, queue)

    def queue(self, name: str) -> Queue | None:
        """Finds how to run the jobs of a queue or module; None when this generation does not."""
        found = self.queues.get(name)
        if found is None and name in self.functions.targets.modules:
            found = self.queues[name] = Queue(name, Policy())
        return found

    def refill(self, lane: Lane) -> None:
        """Asks for as many jobs of a lane as there is soon room for, and for one in any case: to choose the
        job whose turn it is, one of each lane has to be here."""
        queue = self.queue(lane.queue)
        if self.draining or queue is None or not self.slots.seat.share(queue.policy.concurrency):
            return
        if self.held > MOST_HELD:
            self.hungry[lane] = None
            return
        room = self.slots.free(lane.queue, queue.policy.concurrency) - len(self.turns) - len(self.parked)
        wanted = 1 if queue.rate is not None else max(1, room // max(1, len(self.turns.counts)))
        wanted -= self.turns.counts.get(lane, 0)
        if wanted > 0:
            self.start(self.puller.want(lane, wanted))

    def take(self, delivery: Delivery) -> None:
        """Takes a job in; it may be one that runs here already, whose worker was taken for dead."""
        running = self.attempts.get(delivery.key)
        if running is not None:
            running[0].delivery.reply = delivery.reply
        elif self.draining:
            self.start(delivery.give_back())
        else:
            self.held += len(delivery.data)
            due = (times_in(delivery.headers.get(DUE, "")) or [0.0])[0]
            early = min(due - time.time(), 2 * EARLY)
            if early > 0:
                self.parked[delivery] = self.loop.call_later(early, self.due, delivery)
            else:
                self.due(delivery)

    def due(self, delivery: Delivery) -> None:
        """Has a job wait for its turn: its time has come."""
        self.parked.pop(delivery, None)
        self.turns.add(delivery)
        self.pump()

    def may_run(self, name: str) -> bool:
        """Whether a job of a queue may start now."""
        queue = self.queue(name)
        if queue is None or self.slots.free(name, queue.policy.concurrency) <= 0:
            return False
        if queue.rate is not None:
            wait = queue.rate.wait(self.loop.time())
            if wait > 0:
                self.wake_in(wait)
                return False
        return True

    def pump(self) -> None:
        """Starts as many jobs as may run."""
        while not self.draining:
            delivery = self.turns.next(self.may_run)
            if delivery is None:
                return
            self.begin(delivery)
            self.refill(delivery.lane)

    def begin(self, delivery: Delivery) -> None:
        """Starts a job."""
        queue = self.queues[delivery.lane.queue]
        if queue.rate is not None:
            queue.rate.take()
        self.slots.enter(queue.name)
        attempt = self.attempt(delivery)
        key = delivery.key
        task = asyncio.ensure_future(attempt.run(lambda job: self.function(queue, job)))
        self.attempts[key] = (attempt, task)
        task.add_done_callback(lambda task: self.ended(key, queue, task))

    def function(self, queue: Queue, job: Job) -> Function | None:
        """Finds what runs a job."""
        if queue.binding is not None:
            return queue.binding.function
        try:
            return self.functions.find(Target(job.queue, job.function))
        except ConfigError as error:
            log.error("a function cannot be bound", queue=job.queue, error=str(error))
            return None

    def ended(self, key: Key, queue: Queue, task: asyncio.Task[None]) -> None:
        """Takes note of the end of an attempt, and lets others have its place."""
        attempt, _ = self.attempts.pop(key)
        self.held -= len(attempt.delivery.data)
        self.slots.leave(queue.name)  # lets others begin, here and in other generations
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an attempt ended badly", job=attempt.spot.id, exc_info=error)
        self.refill_hungry()

    def refill_hungry(self) -> None:
        """Asks for jobs of lanes for which there was no room before."""
        for lane in list(self.hungry)[:HUNGRY_AT_ONCE]:
            self.hungry.pop(lane)
            self.refill(lane)

    def wake_in(self, seconds: float) -> None:
        """Looks for jobs that may start again later."""
        if self.waking is not None:
            self.waking.cancel()
        self.waking = self.loop.call_later(seconds, self.wake)

    def wake(self) -> None:
        """Starts what may start now."""
        self.waking = None
        self.pump()

    async def hold(self) -> None:
        """Tells the server again and again that the jobs here are being worked on."""
        while True:
            await asyncio.sleep(HOLD)
            self.puller.sweep()
            held: Iterable[Delivery] = [
                *(attempt.delivery for attempt, _ in self.attempts.values()),
                *self.turns,
                *self.parked,
            ]
            for delivery in held:
                with suppress(GojinnError):
                    await delivery.hold()

    def attempt(self, delivery: Delivery) -> Attempt:
        """Makes the attempt at a job, which does not begin by that."""
        return Attempt(self.jobs, self.runner, delivery, self.queues[delivery.lane.queue].policy)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that everything here runs on."""
        return asyncio.get_running_loop()
