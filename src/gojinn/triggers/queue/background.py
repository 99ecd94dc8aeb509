"""Calls of routes that are carried out later: what `X-Gojinn-Async` leads to."""

from __future__ import annotations

import time

from gojinn.capabilities.queue.targets import Directory, Target
from gojinn.fabric.jobs.job import Job, keyed_id, new_id
from gojinn.fabric.jobs.store import Jobs
from gojinn.functions.background import Background, Call
from gojinn.functions.config import FunctionConfig


class JobBackground(Background):
    """Makes a job of each call."""

    def __init__(self, jobs: Jobs, directory: Directory) -> None:
        self.jobs = jobs
        self.directory = directory

    async def send(self, function: FunctionConfig, call: Call) -> str:
        """Stores a call and returns its job's id once that is on disk."""
        job = job_of(self.directory.names.of(function), call)
        return (await self.jobs.publish(job)).id


def job_of(target: Target, call: Call) -> Job:
    """Makes the job of a call."""
    return Job(
        id=keyed_id(call.tenant, target.queue, call.key) if call.key else new_id(),
        queue=target.queue,
        function=target.function,
        priority=target.priority,
        created=time.time(),
        tenant=call.tenant,
        body=call.body,
        uri=call.uri,
        headers=call.headers,
        client_ip=call.client_ip,
        trigger="async",
        trace=call.trace,
        key=call.key,
    )
