"""What runs the jobs of one generation's queues and functions in one worker. One attempt is `attempt`'s."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import msgspec
from nats.aio.msg import Msg

from gojinn.errors import ConfigError, GojinnError
from gojinn.fabric import names
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs import lanes, workers
from gojinn.fabric.jobs.job import Job
from gojinn.fabric.jobs.lanes import ACK_WAIT, OPENED, Lane, declare, open_lanes
from gojinn.fabric.jobs.pull import Delivery, Puller
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.jobs.workers import RUNNING, Running
from gojinn.functions.function import Function
from gojinn.functions.registry import Binding
from gojinn.functions.runner import Runner
from gojinn.functions.targets import Directory, Target
from gojinn.observe.log import get
from gojinn.triggers.queue.attempt import Attempt
from gojinn.triggers.queue.config import Policy
from gojinn.triggers.queue.functions import Functions
from gojinn.triggers.queue.slots import Rate, Slots
from gojinn.triggers.queue.turns import Turns

HOLD = ACK_WAIT / 4
"""Seconds between two signs that jobs here are still being worked on."""
LOOK = 60.0
"""Seconds between two looks for lanes that nobody told of."""
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
        self.attempts: dict[tuple[str, str], tuple[Attempt, asyncio.Task[None]]] = {}
        """Those that run, by tenant and job."""
        self.puller = Puller(self.fabric, self.take, self.refill, self.lost)
        self.known: set[Lane] = set()
        self.hungry: dict[Lane, None] = {}
        """Lanes that would have been asked for jobs, had there been room for any."""
        self.draining = False
        self.address = names.system("jobs", "worker", secrets.token_hex(8))
        """Where this consumer is told to cancel a job."""
        self.subjects = {OPENED: self.hear, RUNNING: self.tell, self.address: self.cancel}
        self.stack = AsyncExitStack()
        self.work: set[asyncio.Task[None]] = set()
        self.waking: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        self.directory.targets = self.functions.targets
        self.start(self.serve())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.draining = True
        if self.waking is not None:
            self.waking.cancel()
        running = {task for _, task in self.attempts.values()}
        for task in running | self.work:
            task.cancel()
        await asyncio.gather(*running, *self.work, return_exceptions=True)
        await asyncio.gather(*(delivery.give_back() for delivery in self.turns.clear()))
        await self.stack.aclose()
        self.functions.close()

    async def drain(self) -> None:
        """Gives back what has not begun, and waits for what has."""
        self.draining = True
        await asyncio.gather(*(delivery.give_back() for delivery in self.turns.clear()))
        while self.attempts:
            await asyncio.wait({task for _, task in self.attempts.values()})

    def start(self, work: object) -> None:
        """Runs something beside the jobs, for as long as this is entered."""
        task = asyncio.ensure_future(work)  # type: ignore[call-overload]
        self.work.add(task)
        task.add_done_callback(self.work.discard)

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
        while True:
            try:
                for lane in await open_lanes(self.fabric):
                    self.adopt(lane)
                await asyncio.sleep(LOOK)
            except GojinnError as error:
                log.warning("lanes cannot be listed", error=str(error))
                await asyncio.sleep(AGAIN)

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
                await declare(self.fabric, lane, queue.policy.concurrency)
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
        """Asks for as many jobs of a lane as there is soon room for."""
        if self.draining:
            return
        queue = self.queue(lane.queue)
        if queue is None:
            return
        waiting = self.turns.counts.get(lane, 0)
        free = self.slots.free(lane.queue, queue.policy.concurrency) - len(self.turns)
        if queue.rate is not None:
            free = min(free, 1)
        if free <= 0 and waiting == 0:
            self.hungry[lane] = None
            return
        wanted = min(free, max(1, free // max(1, len(self.turns.counts)))) - waiting
        if wanted > 0:
            self.hungry.pop(lane, None)
            self.start(self.puller.want(lane, wanted))
        else:
            self.hungry[lane] = None

    def take(self, delivery: Delivery) -> None:
        """Takes a job in; it may be one that runs here already, whose worker was taken for dead."""
        running = self.attempts.get((delivery.lane.tenant, delivery.subject))
        if running is not None:
            running[0].delivery.reply = delivery.reply
        elif self.draining:
            self.start(delivery.give_back())
        else:
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
        attempt = Attempt(self.jobs, self.runner, delivery, queue.policy)
        key = attempt.key
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

    def ended(self, key: tuple[str, str], queue: Queue, task: asyncio.Task[None]) -> None:
        """Takes note of the end of an attempt, and lets others have its place."""
        self.attempts.pop(key, None)
        self.slots.leave(queue.name)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("an attempt ended badly", job=key[1], exc_info=error)
        self.pump()
        for lane in list(self.hungry)[:8]:
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
            ]
            for delivery in held:
                with suppress(GojinnError):
                    await delivery.hold()

    async def tell(self, message: Msg) -> None:
        """Answers which jobs run here, when some of those that are asked for do."""
        found = [
            Running(a.spot.tenant, a.spot.queue, a.spot.id, a.number, a.started, self.address)
            for a in self.meant(message)
        ]
        if found:
            await self.fabric.send(message.reply, workers.write_json(found))

    async def cancel(self, message: Msg) -> None:
        """Ends the job that is meant, and answers once that is stored. Others are heard meanwhile."""
        self.start(self.end(message.reply, self.meant(message)))

    async def end(self, reply: str, attempts: list[Attempt]) -> None:
        """Ends attempts and answers whether there were any."""
        for attempt in attempts:
            attempt.cancelled = True
            task = self.attempts[attempt.key][1]
            task.cancel()
            await asyncio.wait({task})
        await self.fabric.send(reply, workers.write_json(bool(attempts)))

    def meant(self, message: Msg) -> list[Attempt]:
        """Finds the attempts that a question is about; none when it cannot be read."""
        try:
            question = workers.read_question(message.data)
        except msgspec.MsgspecError:
            return []
        return [
            attempt
            for attempt, _ in self.attempts.values()
            if question.tenant in ("", attempt.spot.tenant) and question.id in ("", attempt.spot.id)
        ]

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop that everything here runs on."""
        return asyncio.get_running_loop()
