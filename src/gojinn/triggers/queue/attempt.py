"""One attempt at a job, and what follows from how it ended. Which job is tried when is `consumer`'s.

What follows is stored first, then the job is taken out of its lane; a crash in between has the job delivered
again, which finds what was stored already.
"""

from __future__ import annotations

import asyncio
import time
from base64 import b64encode
from collections.abc import Awaitable, Callable
from random import getrandbits, uniform
from typing import NamedTuple

import msgspec

from gojinn.errors import FunctionError, GojinnError, LimitExceeded, Unavailable
from gojinn.fabric.jobs.job import (
    LARGEST_RESULT,
    TRIED_KEPT,
    Job,
    Letter,
    Record,
    State,
    read_job,
    record_of,
    shortened,
)
from gojinn.fabric.jobs.places import JOBS
from gojinn.fabric.jobs.pull import Delivery
from gojinn.fabric.jobs.search import Spot, spot_of, times_in
from gojinn.fabric.jobs.store import ATTEMPT, TRIED, Jobs
from gojinn.functions.asked import asked
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.runner import Runner
from gojinn.observe.log import get
from gojinn.triggers.queue.config import Policy

CRASHES = 5
"""How often one attempt is begun again before its job is taken for what makes workers crash."""
JITTER = 0.1
"""Part of a delay that it is longer or shorter by."""
STORE_AGAIN = 0.5
"""Seconds before it is tried again to store how a job ended."""
FAILED_STATUS = 500
"""Statuses from which on an answer is a failure."""
JOB_ID = "X-Gojinn-Job-Id"
"""The header in which a function finds the id of its job: the same in all attempts."""

log = get("gojinn.jobs")


class Failure(NamedTuple):
    """Why an attempt failed."""

    reason: str
    error: str


class Attempt:
    """A job in the hands of this worker."""

    def __init__(self, jobs: Jobs, runner: Runner, delivery: Delivery, policy: Policy) -> None:
        self.jobs = jobs
        self.runner = runner
        self.delivery = delivery
        self.policy = policy
        self.spot = spot_at(delivery)
        given = delivery.headers.get(ATTEMPT, "1")
        self.number = int(given) if given.isdecimal() else 1
        self.started = time.time()
        self.tried = [*times_in(delivery.headers.get(TRIED, "")), self.started][-TRIED_KEPT:]
        """When the attempts up to this one began."""
        self.cancelled = False
        """Whether somebody has called the job off."""

    async def run(self, function: Callable[[Job], Function | None]) -> None:
        """Tries the job, stores what came of it, and takes it out of its lane.

        Cancellation: the job is given back, unless it was called off.
        """
        try:
            job = read_job(self.delivery.data)
        except msgspec.MsgspecError as error:
            failure = Failure("malformed", f"the job cannot be read: {error}")
            return await self.bury(failure, [])
        if self.delivery.delivered > 1 and await self.is_settled(job):
            return
        found = function(job)
        if found is None:
            return await self.fail(job, Failure("function", f"no function serves '{job.queue}'"), [])
        try:
            result = await self.runner.run(invocation(job, found, self.number))
        except asyncio.CancelledError:
            if not self.cancelled:
                await self.delivery.give_back()
                raise
            return await self.end(job, Record("", "", State.CANCELLED))
        except GojinnError as error:
            return await self.fail(job, Failure(error.code, error.message), [])
        await self.conclude(job, result)

    async def call_off(self) -> None:
        """Stores that the job was cancelled before this attempt began, and takes it out of its lane."""
        try:
            await self.end(read_job(self.delivery.data), Record("", "", State.CANCELLED))
        except msgspec.MsgspecError:
            await self.delivery.ack()

    async def is_settled(self, job: Job) -> bool:
        """Whether a delivery before this one has settled the attempt, in which case only its end was lost."""
        known = await self.jobs.search.locate(job.tenant, job.id)
        settled = known is None or known.state in (State.DONE, State.CANCELLED, State.DEAD)
        settled = settled or (known is not None and known.attempts >= self.number)
        if settled:
            await self.delivery.ack()
            return True
        # That it was delivered before does not mean that it was begun: it may have been given back.
        begun = await self.jobs.count_begun(job, self.delivery.sequence)
        if begun > CRASHES:
            text = f"it was begun {begun} times, and each time nothing came back"
            await self.bury(Failure("crash", text), [])
            return True
        return False

    async def conclude(self, job: Job, result: Result) -> None:
        """Stores how an invocation ended."""
        lines = [(record.level, record.text) for record in result.log]
        reply = result.reply
        if reply is not None and reply.status < FAILED_STATUS:
            record = Record("", "", State.DONE, status=reply.status, log=shortened(lines))
            put_body(record, reply.body)
            return await self.end(job, record)
        await self.fail(job, failure_of(result), lines)

    async def fail(self, job: Job, failure: Failure, lines: list[tuple[int, str]]) -> None:
        """Has the job tried again later, or makes it a dead letter."""
        if self.number > self.policy.retries:
            return await self.bury(failure, lines)
        due = time.time() + delay(self.policy, self.number)
        log.info("job failed", **self.facts(failure), retry_at=round(due, 3))
        following, tried = self.number + 1, ",".join(f"{each:.3f}" for each in self.tried)
        data, after = self.delivery.data, self.delivery.sequence
        await self.store(lambda: self.jobs.schedule(job, data, following, due, after=after, tried=tried))
        await self.delivery.ack()

    async def bury(self, failure: Failure, lines: list[tuple[int, str]]) -> None:
        """Makes the job a dead letter."""
        now = time.time()
        letter = Letter(self.delivery.data, self.number, now, *failure, shortened(lines), self.tried)
        delivery = self.delivery
        log.error("job is dead", **self.facts(failure))
        await self.store(lambda: self.jobs.bury(delivery.lane, self.spot.id, letter, after=delivery.sequence))
        await self.delivery.ack()

    async def end(self, job: Job, record: Record) -> None:
        """Keeps what came of the job."""
        whole = record_of(job, record.state, self.number)
        whole.status, whole.log, whole.cut = record.status, record.log, record.cut
        whole.body, whole.body_encoding = record.body, record.body_encoding
        whole.started, whole.ended = self.started, time.time()
        after = self.delivery.sequence
        await self.store(lambda: self.jobs.end(whole, self.policy.keep, after=after))
        await self.delivery.ack()

    async def store(self, step: Callable[[], Awaitable[object]]) -> None:
        """Does a step until it succeeds: what the function did must not be forgotten."""
        while True:
            try:
                await step()
                return
            except Unavailable as error:
                log.warning("the end of a job cannot be stored yet", job=self.spot.id, error=str(error))
                await asyncio.sleep(STORE_AGAIN)
            except LimitExceeded as error:
                log.error("the end of a job cannot be stored", job=self.spot.id, error=str(error))
                await asyncio.sleep(STORE_AGAIN)

    def facts(self, failure: Failure) -> dict[str, object]:
        """What the log says of a failure."""
        spot = self.spot
        return {
            "job": spot.id,
            "queue": spot.queue,
            "tenant": spot.tenant,
            "attempt": self.number,
            "reason": failure.reason,
            "error": failure.error,
        }


def spot_at(delivery: Delivery) -> Spot:
    """Where a job is; one that somebody has put under a subject of his own making has its last part as id."""
    try:
        return spot_of(delivery.subject)
    except ValueError:
        lane, _, id = delivery.lane, *delivery.subject.rpartition(".")[1:]
        return Spot(lane.tenant, JOBS, lane.queue, lane.priority, id)


def invocation(job: Job, function: Function, attempt: int) -> Invocation:
    """Makes the invocation of a job."""
    return asked(
        function,
        job.method,
        job.uri,
        {**job.headers, JOB_ID: [job.id]},
        job.body,
        trace=child(job.trace),
        tenant=job.tenant,
        client_ip=job.client_ip,
        trigger=job.trigger,
        attempt=attempt,
        answers=False,
    )


def child(trace: str) -> str:
    """Makes the traceparent of a span of ours within a trace; of a new one when there is none."""
    if len(trace) < 55:
        return f"00-{getrandbits(128) or 1:032x}-{getrandbits(64) or 1:016x}-00"
    return f"{trace[:36]}{getrandbits(64) or 1:016x}{trace[52:]}"


def failure_of(result: Result) -> Failure:
    """Says why an invocation counts as failed."""
    if result.error is not None:
        reason = result.error.reason if isinstance(result.error, FunctionError) else result.error.code
        return Failure(reason, result.error.message)
    assert result.reply is not None
    return Failure("status", f"the function answered with status {result.reply.status}")


def put_body(record: Record, body: bytes) -> None:
    """Keeps an answer, as much of it as is kept."""
    record.cut = len(body) > LARGEST_RESULT
    body = body[:LARGEST_RESULT]
    try:
        record.body = body.decode()
    except UnicodeDecodeError:
        record.body, record.body_encoding = b64encode(body).decode(), "base64"


def delay(policy: Policy, attempt: int) -> float:
    """Seconds between an attempt that failed and the next one."""
    backoff = policy.backoff
    # Beyond 2^40 any first wait has passed the longest one.
    seconds = min(backoff.longest, backoff.first * 2.0 ** min(attempt - 1, 40))
    return seconds * uniform(1 - JITTER, 1 + JITTER)
