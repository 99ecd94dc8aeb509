"""Eight processes count to 10,000 under a lock, while those that hold it are killed and stopped."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from gojinn.fabric.node import Node
from gojinn.testing import fabric as kit

PROCESSES = 8
TARGET = 10_000
BATCH = 25
"""Increments of one holder; with a lock for each, most of the time would go into taking it."""
TTL = 1.0
ATTACKS = 5
"""Holders that are killed, and as many that are stopped, in the middle of what the lock guards."""
STOPPED = 1.5
"""Seconds that a holder sleeps through: its lock expires meanwhile."""

WORKER = """
import asyncio, sys
from pathlib import Path
from gojinn.config.units import Secret
from gojinn.errors import Conflict
from gojinn.fabric.connection import Fabric
from gojinn.fabric.leases import Leases
from gojinn.fabric.node import Access, Node

async def main(url, seed, data, socket, batch, ttl):
    reader, writer = await asyncio.open_unix_connection(socket)

    async def ask(*words):
        writer.write(" ".join(map(str, words)).encode() + b"\\n")
        return (await reader.readline()).decode().strip()

    async with Fabric(Node("test", Path(data), Access((url,), seed=Secret(seed))), "worker") as fabric:
        leases = Leases(fabric)
        while True:
            try:
                lease = await leases.acquire("acme", "counter", float(ttl), wait=60)
            except Conflict:
                continue
            for _ in range(int(batch)):
                number = await ask("read", lease.token)
                if number == "stale" or await ask("write", lease.token, int(number) + 1) == "stale":
                    break
            await leases.release("acme", "counter", lease.owner)

asyncio.run(main(*sys.argv[1:]))
"""


class Counter:
    """What the lock guards: a number that is read, then written. It knows nothing but tokens."""

    def __init__(self, goals: list[int]) -> None:
        self.number = 0
        self.token = 0
        self.writes = 0
        self.stale = 0
        self.lost = 0
        self.goals = goals
        """Who writes one of these is stopped on the spot."""
        self.victims: asyncio.Queue[int] = asyncio.Queue()
        self.done = asyncio.Event()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pid = int.from_bytes(writer.get_extra_info("socket").getsockopt(1, 17, 12)[:4], "little")
        try:
            while line := await reader.readline():
                writer.write(self.answer(pid, line.decode().split()).encode() + b"\n")
        except ConnectionError:
            pass  # it was killed
        finally:
            writer.close()

    def answer(self, pid: int, words: list[str]) -> str:
        token = int(words[1])
        if token < self.token:
            self.stale += not self.done.is_set()
            return "stale"
        self.token = token
        if words[0] == "write":
            self.write(pid, int(words[2]))
        return str(self.number)

    def write(self, pid: int, number: int) -> None:
        self.lost += number != self.number + 1
        self.number = number
        self.writes += 1
        if self.goals and number >= self.goals[0]:
            self.goals.pop(0)
            os.kill(pid, signal.SIGSTOP)
            self.victims.put_nowait(pid)
        if number >= TARGET:
            self.token = sys.maxsize  # nobody writes any more
            self.done.set()


@asynccontextmanager
async def processes(node: Node, socket: Path) -> AsyncIterator[dict[int, asyncio.subprocess.Process]]:
    """Processes that count, by pid."""
    running: dict[int, asyncio.subprocess.Process] = {}
    try:
        for _ in range(PROCESSES):
            await start(running, node, socket)
        yield running
    finally:
        for process in running.values():
            process.kill()
        await asyncio.gather(*(process.wait() for process in running.values()))


async def start(running: dict[int, asyncio.subprocess.Process], node: Node, socket: Path) -> None:
    assert node.access.seed
    told = (node.access.urls[0], node.access.seed.reveal(), node.data, socket, BATCH, TTL)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, *map(str, told))
    running[process.pid] = process


@pytest.mark.soak
async def test_a_lock_with_fencing_tokens_loses_no_increment(tmp_path: Path) -> None:
    chance = random.Random(7)
    counter = Counter(sorted(chance.sample(range(1, TARGET - 100), 2 * ATTACKS)))
    async with AsyncExitStack() as stack:
        node, _ = await stack.enter_async_context(kit.node())
        socket = tmp_path / "counter"
        server = await asyncio.start_unix_server(counter.serve, socket)
        stack.callback(server.close)
        running = await stack.enter_async_context(processes(node, socket))
        async with asyncio.timeout(110):
            for attack in range(2 * ATTACKS):
                victim = running[await counter.victims.get()]
                if attack % 2:
                    await asyncio.sleep(STOPPED)  # what happens to it, not what is waited for
                    victim.send_signal(signal.SIGCONT)
                else:
                    victim.kill()
                    await victim.wait()
                    del running[victim.pid]
                    await start(running, node, socket)
            await counter.done.wait()
    print(f"{counter.writes} increments, {ATTACKS} kills, {ATTACKS} stops, {counter.stale} late ones refused")
    assert counter.lost == 0
    assert counter.number == counter.writes == TARGET
    assert counter.stale >= 1
