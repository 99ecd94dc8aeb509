"""What a job is and what is known of it, as plain data. Where that is kept is `store`'s."""

from __future__ import annotations

import hashlib
import secrets
import time
from enum import StrEnum

import msgspec

from gojinn.errors import LimitExceeded
from gojinn.fabric.names import DEFAULT_TENANT

LARGEST_JOB = 1_000_000
"""Bytes of a job as it is stored, so that any NATS server takes it with its headers."""
LARGEST_RESULT = 256 << 10
"""Bytes of an answer that are kept."""
LARGEST_LOG = 64 << 10
"""Characters of a job's log that are kept."""
TRIED_KEPT = 20
"""Attempts of which it is kept when they began."""
PRIORITIES = ("high", "normal", "low")


class State(StrEnum):
    """Where a job is in its life."""

    SCHEDULED = "scheduled"
    """It waits for its time."""
    QUEUED = "queued"
    """It waits for its turn."""
    RUNNING = "running"
    RETRYING = "retrying"
    """An attempt has failed; it waits for the next one."""
    DONE = "done"
    CANCELLED = "cancelled"
    DEAD = "dead"
    """It has failed for good and lies in the dead-letter queue."""


class Job(msgspec.Struct, frozen=True, omit_defaults=True):
    """One call of a function. It never changes; how often it was tried is said beside it."""

    id: str
    queue: str
    """Name of a queue, or path of a module relative to the Caddyfile."""
    created: float
    """Seconds since 1970."""
    tenant: str = DEFAULT_TENANT
    priority: str = "normal"
    body: bytes = b""
    method: str = "ASYNC"
    uri: str = ""
    headers: dict[str, list[str]] = {}
    """By name in `Title-Case`."""
    client_ip: str = ""
    trigger: str = "queue"
    """What made it: `async`, `queue`, `cron`, `mqtt`, `webhook`."""
    trace: str = ""
    """W3C traceparent of what made it."""
    function: str = ""
    """Which of several functions of one module it is for; see `functions.target`."""
    key: str = ""
    """Idempotency key; of two jobs with the same one only the first counts."""


class Record(msgspec.Struct, omit_defaults=True):
    """What is known of a job: what is shown of it, and what is kept once it is over."""

    id: str
    queue: str
    state: State
    tenant: str = DEFAULT_TENANT
    priority: str = "normal"
    trigger: str = "queue"
    attempts: int = 0
    """Attempts that have begun."""
    created: float = 0.0
    due: float = 0.0
    """When a job that waits for its time is tried, in seconds since 1970."""
    started: float = 0.0
    """When its last attempt began."""
    tried: list[float] = []
    """When the attempts before began, the last ones of them."""
    ended: float = 0.0
    status: int = 0
    """Of the function's answer."""
    body: str = ""
    """The answer, cut at LARGEST_RESULT bytes."""
    body_encoding: str = ""
    """`base64` where the answer is no text."""
    cut: bool = False
    """Whether the answer was longer than what is kept of it."""
    reason: str = ""
    """Why it failed, in one stable word such as `timeout`."""
    error: str = ""
    """The same in a sentence."""
    log: list[tuple[int, str]] = []
    """Lines with their level, of its last attempt."""
    trace: str = ""


class Letter(msgspec.Struct, omit_defaults=True):
    """A dead letter: a job that failed for good, with all it takes to understand it and to try it again."""

    job: bytes
    """As it was stored. It may be anything: one that cannot be read is a dead letter too."""
    attempts: int
    died: float
    reason: str
    error: str
    log: list[tuple[int, str]] = []
    tried: list[float] = []
    """When its attempts began, the last ones of them."""


pack = msgspec.msgpack.Encoder().encode
read_job = msgspec.msgpack.Decoder(Job).decode
read_record = msgspec.msgpack.Decoder(Record).decode
read_letter = msgspec.msgpack.Decoder(Letter).decode


def encode(job: Job) -> bytes:
    """Makes the bytes that are stored. Raises LimitExceeded for too many of them."""
    data = pack(job)
    if len(data) > LARGEST_JOB:
        raise LimitExceeded(
            f"the job is too large: given {len(data):,} bytes, expected at most {LARGEST_JOB:,}",
            hint="put the data into the object store and send its name",
        )
    return data


def new_id() -> str:
    """Makes the id of a job; later ones sort behind earlier ones."""
    milliseconds, nanoseconds = divmod(time.time_ns(), 1_000_000)
    return f"{milliseconds:011x}-{nanoseconds:05x}{secrets.token_hex(5)}"


def keyed_id(tenant: str, queue: str, key: str) -> str:
    """Makes the id of the job with an idempotency key, always the same."""
    text = "\0".join((tenant, queue, key))
    return f"key-{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def shortened(log: list[tuple[int, str]]) -> list[tuple[int, str]]:
    """Keeps the last lines of a log, as many as may be kept."""
    left = LARGEST_LOG
    kept: list[tuple[int, str]] = []
    for level, text in reversed(log):
        if left <= 0:
            kept.append((2, "the log before this is not kept"))
            break
        kept.append((level, text[:left]))
        left -= len(text) + 1
    return kept[::-1]


def record_of(job: Job, state: State, attempts: int) -> Record:
    """Makes the record of a job that is not over yet."""
    return Record(
        id=job.id,
        queue=job.queue,
        state=state,
        tenant=job.tenant,
        priority=job.priority,
        trigger=job.trigger,
        attempts=attempts,
        created=job.created,
        trace=job.trace,
    )
