from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import pytest

from gojinn.errors import Conflict
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.commits import Change
from gojinn.fabric.connection import Fabric
from gojinn.fabric.mirror import Copies
from gojinn.fabric.node import Node
from gojinn.fabric.records import Entry
from gojinn.fabric.server import Server
from gojinn.fabric.store import Store, Stores
from gojinn.fabric.watermarks import Watermarks, make_watermarks
from gojinn.testing import fabric as kit


@pytest.fixture
async def node() -> AsyncIterator[tuple[Node, Server]]:
    async with kit.node() as there:
        yield there


@asynccontextmanager
async def opened(node: Node, capacity: int = 1 << 20) -> AsyncIterator[Store]:
    """A tenant's store over a connection of its own, like that of a worker."""
    async with Fabric(node, "test") as fabric, Stores(fabric, capacity=capacity) as stores:
        yield stores.of("acme")


async def warm(store: Store, key: str) -> Entry:
    """Reads a key until there is a current copy of it."""
    async with asyncio.timeout(20):
        while True:
            entry = await store.get(key)
            if store.mirror.peek(key) is not None:
                return entry
            await asyncio.sleep(0.005)


async def test_copies_that_were_not_read_for_long_go_first() -> None:
    copies = Copies(capacity=5000)
    for number in range(4):
        copies.keep((1, str(number)), Entry(b"x" * 600, number))
    copies.get((1, "0"))
    copies.keep((1, "4"), Entry(b"x" * 600, 4))
    assert [place[1] for place in copies.entries] == ["2", "3", "0", "4"]
    copies.keep((1, "9"), Entry(b"x" * 10_000, 9))
    assert copies.size == 0
    assert not copies.entries


async def test_a_newer_copy_is_not_replaced_by_an_older_one() -> None:
    copies = Copies()
    copies.keep((1, "a"), Entry(b"new", 7))
    copies.keep((1, "a"), Entry(b"old", 6))
    assert copies.get((1, "a")) == Entry(b"new", 7)


@pytest.mark.slow
async def test_what_was_read_once_is_copied(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:
        revision = await store.put("a", b"1")
        assert await warm(store, "a") == Entry(b"1", revision)
        assert await warm(store, "missing") == Entry(None, 0)


@pytest.mark.slow
async def test_own_writes_are_read_from_the_copy_at_once(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:
        await warm(store, "a")
        for number in range(200):
            await store.put("a", b"%d" % number)
            assert (await store.get("a")).value == b"%d" % number
        await store.delete("a")
        assert (await store.get("a")).value is None
        first = await store.create("a", b"again")
        assert await store.get("a") == Entry(b"again", first)
        await store.commit([Change("a", b"committed"), Change("b", b"committed")])
        assert (await store.get("a")).value == b"committed"
        assert (await store.get("b")).value == b"committed"


@pytest.mark.slow
async def test_another_worker_reads_what_was_acknowledged(node: tuple[Node, Server]) -> None:
    marks = Watermarks.alone()
    async with (
        Fabric(node[0], "one") as one,
        Fabric(node[0], "two") as two,
        Stores(one, marks) as some,
        Stores(two, marks) as others,
    ):
        writer, reader = some.of("acme"), others.of("acme")
        for key in ("a", "b"):
            await warm(reader, key)
        for number in range(300):
            key = "ab"[number % 2]
            await writer.put(key, b"%d" % number)
            assert (await reader.get(key)).value == b"%d" % number


WORKER = """
import asyncio, sys
from pathlib import Path
from gojinn.config.units import Secret
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Access, Node
from gojinn.fabric.store import Stores
from gojinn.fabric.watermarks import Watermarks

async def main(url, seed, data, marks, column):
    node = Node("test", Path(data), Access((url,), seed=Secret(seed)))
    watermarks = Watermarks(int(marks), int(column))
    async with Fabric(node, "worker") as fabric, Stores(fabric, watermarks) as stores:
        store = stores.of("acme")
        loop = asyncio.get_running_loop()
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            word, key, *value = line.split()
            if word == "put":
                print(await store.put(key, value[0].encode()), flush=True)
            else:
                copied = store.mirror.peek(key) is not None
                print(((await store.get(key)).value or b"-").decode(), copied, flush=True)

asyncio.run(main(*sys.argv[1:]))
"""


class Worker:
    """Another process of the node."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ask(self, *words: str) -> list[str]:
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(" ".join(words).encode() + b"\n")
        async with asyncio.timeout(20):
            return (await self.process.stdout.readline()).decode().split()


@asynccontextmanager
async def workers(node: Node, count: int) -> AsyncIterator[list[Worker]]:
    """Processes with a store of their own."""
    async with AsyncExitStack() as stack:
        found = []
        assert node.access.seed
        told = (node.access.urls[0], node.access.seed.reveal(), str(node.data))
        marks = make_watermarks(count)
        stack.callback(os.close, marks)
        for column in range(count):
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", WORKER, *told, str(marks), str(column)),
                pass_fds=[marks],
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            stack.push_async_callback(process.wait)
            stack.callback(process.kill)
            found.append(Worker(process))
        yield found


@pytest.mark.slow
async def test_a_key_set_in_one_process_is_read_in_the_next(node: tuple[Node, Server]) -> None:
    copied = 0
    async with workers(node[0], 3) as processes:
        for each in processes:
            await each.ask("get", "a")
        for number in range(150):
            await processes[number % 3].ask("put", "a", str(number))
            for reader in (processes[(number + 1) % 3], processes[(number + 2) % 3]):
                value, from_copy = await reader.ask("get", "a")
                assert value == str(number)
                copied += from_copy == "True"
    assert copied > 0


@pytest.mark.slow
async def test_changes_of_other_nodes_arrive(node: tuple[Node, Server], tmp_path: Path) -> None:
    there = node[0]
    elsewhere = Node("other", tmp_path, there.access)
    async with opened(there) as reader, opened(elsewhere) as writer:
        await warm(reader, "a")
        for number in range(20):
            await writer.put("a", b"%d" % number)
            assert (await reader.get("a", consistent=True)).value == b"%d" % number
        await writer.delete("a")
        async with asyncio.timeout(10):
            while (await reader.get("a")).value is not None:  # noqa: ASYNC110
                await asyncio.sleep(0)


@pytest.mark.slow
async def test_an_expired_copy_is_dropped(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:
        await store.put("short", b"1", ttl=1)
        await warm(store, "short")
        async with asyncio.timeout(10):
            while (await store.get("short")).value is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)


@pytest.mark.slow
async def test_copies_are_made_anew_after_the_server_was_killed(node: tuple[Node, Server]) -> None:
    there, server = node
    async with opened(there) as store:
        await store.put("a", b"0")
        for number in range(1, 4):
            await warm(store, "a")
            former = store.mirror.number
            server.process.send_signal(signal.SIGKILL)
            await store.put("a", b"%d" % number)
            assert (await store.get("a")).value == b"%d" % number
            assert (await warm(store, "a")).value == b"%d" % number
            assert store.mirror.number > former


class Held(Bucket):
    """A bucket whose answers take as long as the test wants."""

    def __init__(self, fabric: Fabric, tenant: str) -> None:
        super().__init__(fabric, tenant)
        self.answered = asyncio.Event()
        self.released = asyncio.Event()

    async def get(self, key: str) -> Entry:
        entry = await super().get(key)
        self.answered.set()
        await self.released.wait()
        return entry


@pytest.mark.slow
async def test_an_answer_that_a_change_has_overtaken_is_not_kept(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:
        await warm(store, "other")
        await store.put("a", b"old")
        slow = store.mirror.bucket = Held(store.bucket.fabric, "acme")
        reading = asyncio.create_task(store.mirror.load("a"))
        await slow.answered.wait()
        revision = await store.bucket.put("a", b"new")  # not through the store, which would note it
        async with asyncio.timeout(10):
            while not store.mirror.feed or store.mirror.feed.revision < revision:  # noqa: ASYNC110
                await asyncio.sleep(0)
        slow.released.set()
        assert await reading == Entry(b"new", revision)
        assert store.mirror.peek("a") == Entry(b"new", revision)


@pytest.mark.slow
async def test_an_answer_from_before_the_feed_is_not_kept(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:
        await store.bucket.put("a", b"old")
        slow = store.mirror.bucket = Held(store.bucket.fabric, "acme")
        reading = asyncio.create_task(store.mirror.load("a"))
        async with asyncio.timeout(10):
            while not store.mirror.feed:  # noqa: ASYNC110
                await asyncio.sleep(0)
        slow.released.set()
        assert (await reading).value == b"old"
        assert store.mirror.peek("a") is None


@pytest.mark.slow
async def test_memory_is_bounded(node: tuple[Node, Server]) -> None:
    async with opened(node[0], capacity=100_000) as store:
        await warm(store, "k")
        for number in range(50):
            await store.put(f"k{number}", b"x" * 10_000)
            assert len((await store.get(f"k{number}")).value or b"") == 10_000
        assert store.mirror.copies.size <= 100_000
        assert (await store.get("k0")).value == b"x" * 10_000


@pytest.mark.slow
async def test_compare_and_set_works_on_what_was_read(node: tuple[Node, Server]) -> None:
    async with opened(node[0]) as store:

        async def increment() -> None:
            while True:
                value, revision = await store.get("n")
                try:
                    await store.cas("n", b"%d" % (int(value or 0) + 1), revision if value else 0)
                    return
                except Conflict:
                    continue

        await asyncio.gather(*(increment() for _ in range(40)))
        assert (await store.get("n")).value == b"40"
