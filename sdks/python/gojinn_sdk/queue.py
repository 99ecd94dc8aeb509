"""Jobs for functions, done in the background."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gojinn_sdk.host import call, encoded, given


@dataclass(frozen=True)
class Published:
    """A job that is on disk."""

    job: str
    duplicate: bool
    """Whether there was one with the same key before, which is the one that is run."""


@dataclass(frozen=True)
class Job:
    """What is known of a job."""

    id: str
    queue: str
    state: str
    """`scheduled`, `queued`, `running`, `retrying`, `done`, `dead` or `cancelled`."""
    body: str
    """The answer of a job that is done."""


def publish(
    queue: str,
    body: bytes | str = b"",
    *,
    headers: Mapping[str, Sequence[str]] | None = None,
    delay: float | None = None,
    priority: str | None = None,
    key: str | None = None,
) -> Published:
    """Sends a job, to be done after `delay` seconds; of two with the same `key` only the first is run."""
    more = given(headers=headers, delay=delay, priority=priority, key=key)
    answer = call("queue.publish", {"queue": queue, **encoded("body", body), **more})
    return Published(answer["job"], answer["duplicate"])


def status(job: str) -> Job:
    """Tells what is known of a job. Raises NotFound."""
    return ask("queue.status", job)


def cancel(job: str) -> Job:
    """Calls off a job, also one that runs. Raises Conflict when it is over."""
    return ask("queue.cancel", job)


def ask(operation: str, job: str) -> Job:
    """Reads a job's record."""
    answer = call(operation, {"job": job})
    return Job(answer["id"], answer["queue"], answer["state"], answer.get("body") or "")
