"""Queues in a test's own process: a consumer as a generation has it, over a real NATS and the real engine.

async with consuming(fabric, cache, "queue q guest.wasm", folder) as bench:
    record = await bench.over(await bench.send("q", b"hello"))
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from gojinn.app import GRAMMAR
from gojinn.capabilities.queue.targets import Directory
from gojinn.config.load import load_config
from gojinn.config.walk import find
from gojinn.engine.cache import CompileCache
from gojinn.errors import NotFound
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.control import show
from gojinn.fabric.jobs.job import Job, Record, State, keyed_id, new_id
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.node import Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.modules import Modules
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.testing.platform import Platform, opened_platform
from gojinn.triggers.queue.consumer import QueueConsumer
from gojinn.triggers.queue.slots import Seat, Slots
from gojinn.triggers.queue.trigger import open_queues
from gojinn.triggers.trigger import TriggerContext

T = TypeVar("T")

PATIENCE = 30.0
"""Seconds after which a test that waits has failed."""
OVER = frozenset({State.DONE, State.DEAD, State.CANCELLED})


async def until(ask: Callable[[], Awaitable[T | None]], patience: float = PATIENCE) -> T:
    """Asks again and again until there is an answer, and returns it."""
    async with asyncio.timeout(patience):
        while (answer := await ask()) is None:  # noqa: ASYNC110  (what is asked lives in another process)
            await asyncio.sleep(0.01)
        return answer


@dataclass
class Bench:
    """What a worker has, with a consumer on duty."""

    jobs: Jobs
    platform: Platform
    consumer: QueueConsumer
    directory: Directory = field(default_factory=Directory)

    async def send(self, queue: str, body: bytes = b"", *, delay: float = 0.0, **fields: Any) -> str:
        """Sends a job; returns its id."""
        job = job_for(queue, body, **fields)
        return (await self.jobs.publish(job, delay=delay)).id

    async def record(self, id: str, tenant: str = "default") -> Record | None:
        """What is known of a job."""
        try:
            return await show(self.jobs, tenant, id)
        except NotFound:
            return None

    async def over(self, id: str, tenant: str = "default") -> Record:
        """Waits until a job is over."""
        return await self.reaches(id, *OVER, tenant=tenant)

    async def reaches(self, id: str, *states: State, tenant: str = "default") -> Record:
        """Waits until a job is in one of these states."""

        async def ask() -> Record | None:
            record = await self.record(id, tenant)
            return record if record is not None and record.state in states else None

        return await until(ask)


def job_for(queue: str, body: bytes = b"", **fields: Any) -> Job:
    """Makes a job."""
    key, tenant = fields.get("key", ""), fields.get("tenant", "default")
    id = keyed_id(tenant, queue, key) if key else new_id()
    return Job(id=id, queue=queue, created=time.time(), body=body, **fields)


@asynccontextmanager
async def consuming(
    fabric: Fabric,
    cache: CompileCache,
    lines: str,
    folder: Path,
    *,
    seat: Seat | None = None,
    slots: Slots | None = None,
) -> AsyncIterator[Bench]:
    """Has a consumer run what these lines of a site say. Leaving cuts short what still runs."""
    text = f":80 {{\n{lines}\n}}\n"
    config = load_config(str(folder / "Caddyfile"), GRAMMAR, env={}, text=text)
    jobs, directory = Jobs(fabric), Directory()
    services: dict[type, Any] = {
        Fabric: fabric,
        Node: fabric.node,
        Jobs: jobs,
        Directory: directory,
        Slots: slots or Slots(seat),
    }
    async with opened_platform(cache, services=services) as platform, AsyncExitStack() as stack:
        modules = await platform.modules(*find(config, FunctionConfig))
        context = TriggerContext(
            {**services, Runner: platform.runner, FunctionRegistry: platform.registry, Modules: modules}
        )
        consumer = open_queues(config, context)
        assert isinstance(consumer, QueueConsumer)
        for resource in context.resources:
            await stack.enter_async_context(resource)
        await stack.enter_async_context(consumer)
        yield Bench(jobs, platform, consumer, directory)
