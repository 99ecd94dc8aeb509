"""The contract's `host_enqueue`, and opening what serves guests in one worker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gojinn.capabilities.capability import Caller, OperationError, Served, Services
from gojinn.capabilities.queue.capability import FAILED
from gojinn.capabilities.queue.operations import Operations, Publication
from gojinn.capabilities.queue.targets import Directory
from gojinn.engine.host import GuestCall
from gojinn.fabric.jobs.job import LARGEST_JOB
from gojinn.fabric.jobs.store import Jobs

DONE = 0
LONGEST_NAME = 4096
"""Bytes of the name of a queue or module."""
ERROR = 3
"""Level of a log entry."""


class HostCalls:
    """Serves the import of one worker. It cannot tell a guest what went wrong: that goes to its log."""

    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    async def enqueue(self, guest: GuestCall, name: int, name_length: int, payload: int, length: int) -> int:
        """Sends a job to a queue or function; returns DONE once it is on disk, or FAILED."""
        caller: Caller = guest.context
        try:
            target = guest.read(name, min(name_length, LONGEST_NAME)).decode("utf-8", "replace")
            body = guest.read(payload, min(length, LARGEST_JOB + 1))
            await self.operations.send(caller, Publication(target), body)
        except OperationError as error:
            caller.note(ERROR, f"host_enqueue: {error.message}")
            return FAILED
        return DONE


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves sending jobs over the worker's connection."""
    operations = Operations(services[Jobs], services[Directory])
    yield Served({"host_enqueue": HostCalls(operations).enqueue}, operations.table())
