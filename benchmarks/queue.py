"""Jobs beside plain messages on one server: throughput from sending to the end, latency, group commit."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median
from typing import Any

import uvloop

from gojinn.engine.cache import CompileCache
from gojinn.errors import GojinnError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.groups import Groups
from gojinn.fabric.jobs.job import State
from gojinn.fabric.streams import Stream, ensure
from gojinn.testing import fabric as kit
from gojinn.testing.guests import guest
from gojinn.testing.jobs import Bench, consuming, job_for

JOBS = 2000
"""Of one run."""
SENDERS = 64
"""Who send at once."""
GROUP_SENDERS = 1500
GROUPED = 20_000
PAYLOAD = b"x" * 256
SINGLE = 200
"""Jobs that are sent one after the other, each when the one before is over."""

Rows = dict[str, dict[str, float]]


def measure(*, rounds: int) -> Rows:
    """Jobs a second from sending to the end, for plain messages and for jobs of an empty module, in
    alternation; the milliseconds until a function starts; and acknowledged publishes a second."""
    return uvloop.run(alternate(rounds))


async def alternate(rounds: int) -> Rows:
    """Runs everything in turn on one server."""
    runs: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="gojinn-bench-") as scratch:
        folder = Path(scratch)
        (folder / "empty.wasm").symlink_to(guest("empty"))
        cache = CompileCache(folder / "cache")
        async with kit.fabric() as fabric, consuming(fabric, cache, SITE, folder) as bench:
            await bench.over(await bench.send("q"))
            parts: dict[str, Callable[[], Awaitable[float]]] = {
                "publish, fetch and ack, nats-py": lambda: plain(fabric),
                "job of an empty module": lambda: jobs(bench),
                "milliseconds from sending to start": lambda: start(bench),
                "publish one by one, nats-py": lambda: publish(fabric, 300, 1, plainly(fabric)),
                "publish at once, nats-py": lambda: publish(fabric, JOBS, SENDERS, plainly(fabric)),
                "publish, group commit": lambda: publish(
                    fabric, GROUPED, GROUP_SENDERS, Groups(fabric).publish
                ),
            }
            for _ in range(rounds):
                for name, part in parts.items():
                    runs.setdefault(name, []).append(await part())
    return {name: {"value": median(values)} for name, values in runs.items()}


SITE = "queue q empty.wasm {\n concurrency 256\n}"

Publish = Callable[..., Awaitable[Any]]


def plainly(fabric: Fabric) -> Publish:
    """Publishes as nats-py does."""

    async def send(subject: str, payload: bytes) -> None:
        await fabric.jetstream.publish(subject, payload)

    return send


async def publish(fabric: Fabric, count: int, senders: int, send: Publish) -> float:
    """Acknowledged publishes a second."""
    await ensure(fabric, Stream("bench", ("bench.>",), {"allow_atomic": True}))
    numbers = iter(range(count))

    async def sender() -> None:
        for number in numbers:
            await send(f"bench.{number}", PAYLOAD)

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(senders)))
    took = time.perf_counter() - begun
    await fabric.api("STREAM.DELETE.bench")
    return count / took


async def plain(fabric: Fabric) -> float:
    """Messages a second, from the first publish to the last acknowledgement of a consumer that does
    nothing."""
    await ensure(fabric, Stream("plain", ("plain.>",), {"retention": "workqueue"}))
    reader = await fabric.jetstream.pull_subscribe("plain.>", "reader")
    numbers = iter(range(JOBS))

    async def sender() -> None:
        for number in numbers:
            await fabric.jetstream.publish(f"plain.{number}", PAYLOAD)

    async def read() -> None:
        seen = 0
        while seen < JOBS:
            for message in await reader.fetch(200, timeout=5):
                await message.ack()
                seen += 1

    begun = time.perf_counter()
    await asyncio.gather(read(), *(sender() for _ in range(SENDERS)))
    await emptied(fabric, "plain")
    took = time.perf_counter() - begun
    await reader.unsubscribe()
    await fabric.api("STREAM.DELETE.plain")
    return JOBS / took


async def jobs(bench: Bench) -> float:
    """Jobs a second, from the first one's sending until the last one's result is on disk."""
    numbers = iter(range(JOBS))

    async def sender() -> None:
        for _ in numbers:
            await bench.jobs.publish(job_for("q", PAYLOAD))

    begun = time.perf_counter()
    await asyncio.gather(*(sender() for _ in range(SENDERS)))
    await emptied(bench.jobs.fabric, "gojinn_jobs_default")
    return JOBS / (time.perf_counter() - begun)


async def start(bench: Bench) -> float:
    """Median milliseconds between sending a job and its start, with nothing else to do."""
    waits = []
    for _ in range(SINGLE):
        record = await bench.reaches(await bench.send("q", PAYLOAD), State.DONE)
        waits.append(record.started - record.created)
    return median(waits) * 1000


async def emptied(fabric: Fabric, stream: str) -> None:
    """Returns when a stream holds nothing any more."""
    async with asyncio.timeout(120):
        while True:
            try:
                info = await fabric.api(f"STREAM.INFO.{stream}")
                if not info["state"]["messages"]:
                    return
            except GojinnError:
                pass
            await asyncio.sleep(0.005)
