"""A whole Gojinn under fire: producers that note what was acknowledged, and hands that kill its processes.

What a test then asks: is everything that was acknowledged there, and was each job run. A file system whose
power can be cut is `disk`'s.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from gojinn.errors import GojinnError, Unavailable
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.job import Job
from gojinn.fabric.jobs.search import Search, Spot
from gojinn.fabric.jobs.store import Jobs
from gojinn.fabric.keys import kept_seed
from gojinn.fabric.node import Access, Node
from gojinn.fabric.store import Store, Stores
from gojinn.process.worker import NAME
from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest
from gojinn.testing.jobs import job_for

WORKERS = 3
STEP = 0.1
"""Seconds between two rounds of a producer."""
KEYS = 8
"""Keys that each producer writes."""
AGAIN = 0.05
"""Seconds after which a producer tries again what was not acknowledged."""
DRAINED = 120.0
"""Seconds for all jobs to be over, once nothing is killed any more."""


@dataclass
class Site:
    """A folder with a Caddyfile for a program that is killed and started again."""

    folder: Path
    ledger: Path
    port: int
    """Of NATS, the same after each start."""
    data: Path | None = None
    """The data directory, if it is not beside the Caddyfile."""

    @property
    def caddyfile(self) -> str:
        """One queue, whose function leaves a file for each run."""
        data = f"\n\t\tdata_dir {self.data}" if self.data else ""
        return (
            f"{{\n\tgojinn {{\n\t\tnats_port {self.port}{data}\n\t}}\n}}\n"
            f":0 {{\n\tqueue work {guest('ledger')} {{\n\t\tmount {self.ledger} /ledger\n"
            f"\t\tconcurrency 96\n\t\tretries 20\n\t\tbackoff 100ms 2s\n\t}}\n\trespond here\n}}\n"
        )

    @property
    def node(self) -> Node:
        """What a producer has to know."""
        data = self.data or self.folder / ".gojinn" / "data"
        access = Access((f"nats://127.0.0.1:{self.port}",), seed=kept_seed(data / "nkey"))
        return Node("producer", data, access)

    def runs(self) -> Counter[str]:
        """How often each job was run, by its function's own evidence."""
        return Counter(entry.name.partition(".")[0] for entry in os.scandir(self.ledger))


@dataclass
class Program:
    """The program, in whichever incarnation."""

    site: Site
    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    app: App | None = None
    kills: Counter[str] = field(default_factory=Counter)

    async def start(self) -> None:
        """Starts it and waits until it serves."""
        self.stack = AsyncExitStack()
        opened = serve(self.site.caddyfile, folder=self.site.folder, workers=WORKERS)
        self.app = await self.stack.enter_async_context(opened)

    async def stop(self) -> None:
        """Ends it in good order."""
        await self.stack.aclose()

    async def kill(self, victim: str) -> None:
        """Kills a process of it with SIGKILL; after the supervisor's end all others must end, and it is
        started anew."""
        assert self.app is not None
        self.kills[victim] += 1
        if victim == "supervisor":
            self.app.process.kill()
            await self.app.process.wait()
            await self.stack.aclose()  # returns when the last of its processes has ended
            await self.start()
            return
        wanted = {"nats-server": "nats-server", "worker": NAME}[victim]
        pids = [pid for pid, name in children(self.app.pid) if name == wanted]
        if pids:
            with suppress(ProcessLookupError):
                os.kill(random.choice(pids), signal.SIGKILL)

    def freeze(self) -> None:
        """Stops all processes of it in their tracks: none writes anything any more."""
        assert self.app is not None
        pids = [self.app.pid, *(pid for pid, _ in children(self.app.pid))]
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGSTOP)


def children(parent: int) -> Iterator[tuple[int, str]]:
    """Yields the pids of a process's children with their names."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                status = (entry / "stat").read_text().rpartition(")")[2].split()
                if int(status[1]) == parent:
                    yield int(entry.name), (entry / "comm").read_text().rstrip("\n")


@dataclass
class Acknowledged:
    """What was acknowledged to producers."""

    jobs: set[str] = field(default_factory=set)
    keys: dict[str, int] = field(default_factory=dict)
    """The last number that was acknowledged under each key."""
    writes: int = 0
    """Acknowledged writes of keys."""
    unknown: int = 0
    """Times that a producer was not told whether something was stored, and tried again."""

    @property
    def total(self) -> int:
        """Everything that must not be lost."""
        return len(self.jobs) + self.writes


@dataclass
class Producer:
    """Sends jobs and writes keys at a steady pace, each again and again until it is acknowledged."""

    number: int
    site: Site
    acknowledged: Acknowledged
    jobs: int
    """A second."""
    keys: int
    """A second."""
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Produces until it is told to stop, then finishes what it has begun."""
        async with AsyncExitStack() as stack:
            fabric = await self.connect(stack)
            stores = await stack.enter_async_context(Stores(fabric))
            store, jobs = stores.of("default"), Jobs(fabric)
            async with asyncio.TaskGroup() as group:
                for slot in range(KEYS):
                    group.create_task(self.write(store, f"producer{self.number}/{slot}"))
                while not self.stopping.is_set():
                    for _ in range(round(self.jobs * STEP)):
                        group.create_task(self.send(jobs, job_for("work", b"x" * 200)))
                    await self.pause(STEP)

    async def pause(self, seconds: float) -> None:
        """Waits, but not beyond the end."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.stopping.wait()

    async def connect(self, stack: AsyncExitStack) -> Fabric:
        """Connects, if need be again and again."""
        while True:
            try:
                return await stack.enter_async_context(Fabric(self.site.node, f"producer {self.number}"))
            except Unavailable:
                await asyncio.sleep(AGAIN)

    async def send(self, jobs: Jobs, job: Job) -> None:
        """Sends a job until it is acknowledged; its id stays the same."""
        while True:
            try:
                await jobs.publish(job)
                self.acknowledged.jobs.add(job.id)
                return
            except GojinnError:
                self.acknowledged.unknown += 1
                await asyncio.sleep(AGAIN)

    async def write(self, store: Store, key: str) -> None:
        """Writes numbers under a key, one after the other: one that is lost shows as a smaller one."""
        number = 0
        while not self.stopping.is_set():
            try:
                await store.put(key, str(number).encode())
            except GojinnError:
                self.acknowledged.unknown += 1
                await asyncio.sleep(AGAIN)
                continue
            self.acknowledged.writes += 1
            self.acknowledged.keys[key] = number
            number += 1
            await self.pause(KEYS / self.keys)


@asynccontextmanager
async def producing(
    site: Site, acknowledged: Acknowledged, *, producers: int = 3, jobs: int = 100, keys: int = 60
) -> AsyncIterator[None]:
    """Has producers at work while the block runs; leaving waits until all they began is acknowledged."""
    team = [Producer(number, site, acknowledged, jobs, keys) for number in range(producers)]
    tasks = [asyncio.create_task(each.run()) for each in team]
    try:
        yield
        for each in team:
            each.stopping.set()
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def drained(site: Site) -> None:
    """Waits until no job waits, runs or is to be tried again. Fails telling which do, and what their
    consumers say."""
    async with Fabric(site.node, "looking on") as fabric:
        search, spots = Search(fabric), list[Spot]()
        try:
            async with asyncio.timeout(DRAINED):
                while True:
                    with suppress(Unavailable):
                        spots = await search.spots("default", ("jobs", "later"))
                        if not spots:
                            return
                    await asyncio.sleep(0.5)
        except TimeoutError as error:
            consumers = await fabric.api("CONSUMER.LIST.gojinn_jobs_default", {})
            left = f"{len(spots)} jobs are left, such as {spots[:3]}; {consumers['consumers']}"
            raise AssertionError(left) from error


async def lost_keys(site: Site, acknowledged: Acknowledged) -> list[str]:
    """Finds keys that hold a smaller number than was acknowledged."""
    async with Fabric(site.node, "looking on") as fabric, Stores(fabric) as stores:
        store = stores.of("default")
        lost = []
        for key, number in acknowledged.keys.items():
            value = (await store.get(key, consistent=True)).value
            if value is None or int(value) < number:
                lost.append(key)
        return lost
