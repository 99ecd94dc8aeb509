"""Reads and writes of keys in one worker, beside what nats-py does by itself on the same server."""

from __future__ import annotations

import os
import time
from collections.abc import Awaitable, Callable
from statistics import median

from benchmarks.machine import LOAD_CORES, SERVER_CORES

READS = 50_000
QUESTIONS = 1_000
WRITES = 500
VALUE = b"x" * 256


def measure(*, rounds: int) -> dict[str, dict[str, float]]:
    """CPU and wall microseconds of each kind of call, their rounds in turn."""
    import uvloop

    return uvloop.run(_measure(rounds))


async def _measure(rounds: int) -> dict[str, dict[str, float]]:
    from gojinn.fabric.connection import Fabric
    from gojinn.fabric.store import Stores
    from gojinn.testing import fabric as kit

    os.sched_setaffinity(0, LOAD_CORES)  # for the server, which inherits it
    async with kit.node() as (node, _), Fabric(node, "benchmark") as fabric, Stores(fabric) as stores:
        os.sched_setaffinity(0, SERVER_CORES)
        store = stores.of("bench")
        await store.put("read", VALUE)
        while store.mirror.peek("read") is None:
            await store.get("read")
        bucket = await fabric.jetstream.create_key_value(bucket="raw", history=1)
        await bucket.put("read", VALUE)
        subject = store.bucket.keys.subject("raw")
        kinds: dict[str, tuple[int, Callable[[], Awaitable[object]]]] = {
            "get, from the mirror": (READS, lambda: store.get("read")),
            "get, from the leader": (QUESTIONS, lambda: store.get("read", consistent=True)),
            "get, nats-py's store": (QUESTIONS, lambda: bucket.get("read")),
            "put": (WRITES, lambda: store.put("written", VALUE)),
            "put, nats-py's store": (WRITES, lambda: bucket.put("written", VALUE)),
            "publish, nats-py": (WRITES, lambda: fabric.jetstream.publish(subject, VALUE)),
        }
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in kinds}
        for _ in range(rounds + 1):
            for name, (calls, call) in kinds.items():
                taken[name].append(await _time(calls, call))
    return {name: _row(times[1:]) for name, times in taken.items()}


async def _time(calls: int, call: Callable[[], Awaitable[object]]) -> tuple[float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    for _ in range(calls):
        await call()
    return (time.process_time() - cpu) / calls * 1e6, (time.perf_counter() - wall) / calls * 1e6


def _row(times: list[tuple[float, float]]) -> dict[str, float]:
    return {"cpu_us": median(cpu for cpu, _ in times), "wall_us": median(wall for _, wall in times)}
