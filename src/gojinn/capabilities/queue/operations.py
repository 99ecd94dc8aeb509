"""The operations `queue.…` of `host_call`: requests and answers in JSON. What they do is the fabric's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import msgspec

from gojinn.capabilities.capability import Caller, Operation
from gojinn.capabilities.queue.targets import Directory
from gojinn.capabilities.request import answering, bad_request, read
from gojinn.errors import NotFound, clip
from gojinn.fabric.jobs.control import cancel, show
from gojinn.fabric.jobs.job import Job, Record, keyed_id, new_id
from gojinn.fabric.jobs.store import Jobs, Published

LONGEST_KEY = 256
"""Characters of an idempotency key."""


class Request(msgspec.Struct, forbid_unknown_fields=True):
    """What requests have in common: no field that means nothing."""


class Publication(Request):
    """The request of `queue.publish`."""

    queue: str
    body: str | None = None
    body_base64: bytes | None = None
    headers: dict[str, list[str]] = {}
    delay: float = 0.0
    priority: str | None = None
    key: str = ""


class Question(Request):
    """The request of `queue.status` and `queue.cancel`."""

    job: str


class Operations:
    """Serves the operations of one worker."""

    def __init__(self, jobs: Jobs, directory: Directory) -> None:
        self.jobs = jobs
        self.directory = directory

    def table(self) -> Mapping[str, Operation]:
        """The operations by name."""
        return {
            "queue.publish": self.publish,
            "queue.status": self.status,
            "queue.cancel": self.cancel,
        }

    async def publish(self, caller: Caller, request: object) -> object:
        """Sends a job: `{"queue", "body" | "body_base64", "headers": {}, "delay": 0, "priority",
        "key": ""}` → `{"job", "duplicate"}`.

        `queue` is the name of a queue, the path of a module relative to the Caddyfile, or the name of a
        function. `delay` is in seconds; `priority` is `high`, `normal` or `low`. Of two jobs with the same
        `key` only the first is run, as long as it or its result is known. The answer comes when the job is on
        disk. Errors: `not-found` for a queue that there is not, `denied`, `limit`, `bad-request`,
        `unavailable`.
        """
        asked = read(Publication, request)
        published = await self.send(caller, asked, body_of(asked))
        return {"job": published.id, "duplicate": published.duplicate}

    async def send(self, caller: Caller, asked: Publication, body: bytes) -> Published:
        """Sends a job. Raises OperationError."""
        with answering():
            target = self.directory.names.find(asked.queue)
            if target is None:
                hint = "name a queue, a module or a function of the Caddyfile"
                raise NotFound(f"there is no queue '{clip(asked.queue)}'", hint=hint)
        caller.permit("queue", "publish", target.queue)
        if len(asked.key) > LONGEST_KEY:
            raise bad_request(f"the key is too long, expected at most {LONGEST_KEY} characters")
        job = Job(
            id=keyed_id(caller.tenant, target.queue, asked.key) if asked.key else new_id(),
            queue=target.queue,
            function=target.function,
            priority=asked.priority or target.priority,
            created=time.time(),
            tenant=caller.tenant,
            body=body,
            headers=asked.headers,
            trace=caller.trace,
            key=asked.key,
        )
        with answering():
            return await self.jobs.publish(job, delay=asked.delay)

    async def status(self, caller: Caller, request: object) -> object:
        """Tells what is known of a job of the same tenant: `{"job"}` → its record, whose `state` is
        `scheduled`, `queued`, `running`, `retrying`, `done`, `dead` or `cancelled`, and whose `body` is the
        answer. Errors: `not-found` also when its result is not kept any more, `denied` unless jobs may be
        sent to its queue, `unavailable`.
        """
        asked = read(Question, request)
        with answering():
            record = await show(self.jobs, caller.tenant, asked.job)
        return self.answer(caller, record)

    async def cancel(self, caller: Caller, request: object) -> object:
        """Calls off a job of the same tenant, also one that runs: `{"job"}` → its record.

        Errors: `conflict` when it is over, and those of `queue.status`.
        """
        asked = read(Question, request)
        with answering():
            record = await self.jobs.search.locate(caller.tenant, asked.job)
            if record is not None:
                caller.permit("queue", "publish", record.queue)
            return msgspec.to_builtins(await cancel(self.jobs, caller.tenant, asked.job))

    def answer(self, caller: Caller, record: Record) -> Any:
        """Shows a record to who may send jobs to its queue. Raises OperationError."""
        caller.permit("queue", "publish", record.queue)
        return msgspec.to_builtins(record)


def body_of(asked: Publication) -> bytes:
    """Returns a body that is given in one of two forms. Raises OperationError."""
    if asked.body is not None and asked.body_base64 is not None:
        raise bad_request("there are two bodies: give 'body' or 'body_base64'")
    if asked.body is None:
        return asked.body_base64 or b""
    try:
        return asked.body.encode()
    except UnicodeEncodeError as error:
        raise bad_request("the body is no Unicode text: it has half of a surrogate pair") from error
