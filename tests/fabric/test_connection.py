"""The connection: stores once, tells what is wrong, bounds what is under way, outlives the server."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from nats.aio.msg import Msg

from gojinn.errors import Conflict, FabricError, LimitExceeded, NotFound, Unavailable
from gojinn.fabric.connection import Fabric, Lost
from gojinn.fabric.node import Access, Node
from gojinn.fabric.streams import Stream, ensure
from gojinn.testing.fabric import cluster, node

pytestmark = pytest.mark.slow


async def test_a_message_is_stored_once_with_its_headers(fabric: Fabric) -> None:
    await ensure(fabric, Stream("S", ("s.>",)))
    first = await fabric.publish("s.a", b"one", id="same", headers={"traceparent": "00-ab-cd-01"})
    again = await fabric.publish("s.a", b"one", id="same")
    other = await fabric.publish("s.a", b"two")
    assert (first.seq, again.seq, other.seq) == (1, 1, 2)
    assert (first.duplicate, again.duplicate) == (False, True)
    stored = await fabric.jetstream.get_msg("S", 1)
    assert stored.headers == {"traceparent": "00-ab-cd-01", "Nats-Msg-Id": "same"}


async def test_ids_are_never_the_same(fabric: Fabric) -> None:
    assert len({fabric.new_id() for _ in range(1000)}) == 1000


async def test_compare_and_set_that_comes_too_late_is_a_conflict(fabric: Fabric) -> None:
    await ensure(fabric, Stream("S", ("s.>",)))
    expect = {"Nats-Expected-Last-Subject-Sequence": "0"}
    await fabric.publish("s.a", headers=expect)
    with pytest.raises(Conflict):
        await fabric.publish("s.a", headers=expect)


async def test_errors_say_what_is_wrong(fabric: Fabric) -> None:
    with pytest.raises(NotFound):
        await fabric.api("STREAM.INFO.missing")
    with pytest.raises(Unavailable, match=r"nobody answers to 'no\.stream'"):
        await fabric.publish("no.stream")
    with pytest.raises(LimitExceeded, match="expected at most 8,388,608"):
        await fabric.publish("no.stream", b"x" * (9 << 20))
    with pytest.raises(FabricError):
        await fabric.publish("a b\r\nPUB x 0")
    await ensure(fabric, Stream("A", ("same.>",)))
    with pytest.raises(Conflict):
        await ensure(fabric, Stream("B", ("same.x",)))
    assert fabric.exchange.window.used == 0
    assert not fabric.exchange.waiting


async def test_streams_are_changed_when_they_should_be_others(fabric: Fabric) -> None:
    await ensure(fabric, Stream("S", ("s.>",)))
    await ensure(fabric, Stream("S", ("s.>",)))
    info = await ensure(fabric, Stream("S", ("s.>", "t.>"), {"max_msgs": 5}))
    assert info["config"]["subjects"] == ["s.>", "t.>"]
    assert (info["config"]["max_msgs"], info["config"]["discard"]) == (5, "new")


async def test_an_answer_that_does_not_come_is_lost(fabric: Fabric) -> None:
    async def silent(message: Msg) -> None:
        """Answers nothing."""

    await fabric.subscribe("silent", silent)
    with pytest.raises(Lost, match="did not answer in time"):
        await fabric.request("silent", timeout=0.05)
    assert not fabric.exchange.waiting


async def test_questions_are_answered_and_faulty_handlers_go_on(fabric: Fabric) -> None:
    async def answer(message: Msg) -> None:
        if message.data == b"fail":
            raise ValueError("the handler is broken")
        await message.respond(message.data.upper())

    subscription = await fabric.subscribe("ask", answer)
    with pytest.raises(Lost):
        await fabric.request("ask", b"fail", timeout=0.05)
    assert (await fabric.request("ask", b"hello")).data == b"HELLO"
    await subscription.close()
    with pytest.raises(Unavailable):
        await fabric.request("ask", b"hello")


async def test_what_is_under_way_is_bounded(fabric: Fabric) -> None:
    await ensure(fabric, Stream("S", ("s.>",)))
    fabric.exchange.window.capacity = 64 << 10
    highest = 0

    async def publish() -> None:
        nonlocal highest
        await fabric.publish("s.a", b"x" * 1000)
        highest = max(highest, fabric.exchange.window.used)

    await asyncio.gather(*(publish() for _ in range(500)))
    assert highest <= 64 << 10
    assert (await fabric.api("STREAM.INFO.S"))["state"]["messages"] == 500


async def test_senders_without_an_answer_wait_too(fabric: Fabric) -> None:
    for _ in range(100):
        await fabric.send("nobody.listens", b"x" * (256 << 10))
        assert fabric.client.pending_data_size < 2 << 20


async def test_nothing_acknowledged_is_lost_when_the_server_is_killed(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        await ensure(fabric, Stream("S", ("s.>",)))
        acknowledged: dict[int, str] = {}
        enough, progress, restarted = asyncio.Event(), asyncio.Event(), asyncio.Event()

        async def told() -> None:
            restarted.set()

        server.restarted.append(told)

        async def produce(number: int) -> None:
            count = 0
            while not enough.is_set():
                id = f"{number}-{count}"
                ack = await fabric.publish("s.a", id.encode(), id=id, timeout=30)
                acknowledged[ack.seq] = id
                if len(acknowledged) % 200 == 0:
                    progress.set()
                count += 1

        producers = [asyncio.create_task(produce(number)) for number in range(8)]
        for _ in range(5):
            async with asyncio.timeout(30):
                await progress.wait()
                progress.clear()
                os.kill(server.pid, signal.SIGKILL)
                await restarted.wait()
                restarted.clear()
        enough.set()
        await asyncio.gather(*producers)
        stored = (await fabric.api("STREAM.INFO.S"))["state"]["messages"]
        assert stored == len(acknowledged), "each id is stored once"
        for seq in list(acknowledged)[::50]:
            assert (await fabric.jetstream.get_msg("S", seq)).data == acknowledged[seq].encode()
        assert fabric.reconnects == 5


async def test_hooks_and_subscriptions_go_on_after_a_reconnection(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        back, called = asyncio.Event(), asyncio.Event()
        heard: asyncio.Queue[bytes] = asyncio.Queue()

        async def hook() -> None:
            back.set()

        async def failing() -> None:
            raise ValueError("the hook is broken")

        async def unwanted() -> None:
            called.set()

        async def hear(message: Msg) -> None:
            heard.put_nowait(message.data)

        fabric.on_reconnect(failing)
        fabric.on_reconnect(hook)
        fabric.on_reconnect(unwanted)()
        await fabric.subscribe("news", hear)
        os.kill(server.pid, signal.SIGKILL)
        async with asyncio.timeout(20):
            await back.wait()
            await fabric.send("news", b"again")
            assert await heard.get() == b"again"
        assert not called.is_set()


async def test_a_connection_that_the_server_ends_for_good_is_made_anew(fabric: Fabric) -> None:
    heard: asyncio.Queue[bytes] = asyncio.Queue()
    back = asyncio.Event()

    async def hear(message: Msg) -> None:
        heard.put_nowait(message.data)

    async def hook() -> None:
        back.set()

    await fabric.subscribe("news", hear)
    fabric.on_reconnect(hook)
    first = fabric.client
    # A control line that is too long: the server closes such a connection, and the client gives up.
    await fabric.send("x." + "y" * 5000)
    async with asyncio.timeout(20):
        await back.wait()
        await fabric.send("news", b"again")
        assert await heard.get() == b"again"
    assert fabric.client is not first


async def test_without_a_server_nobody_waits_for_ever(tmp_path: Path) -> None:
    nowhere = Node("n", tmp_path, Access(("nats://user:hidden@127.0.0.1:1",)))
    fabric = Fabric(nowhere)
    with pytest.raises(Unavailable, match=r"no NATS server answers at nats://127\.0\.0\.1:1") as raised:
        await fabric.open(0.3)
    assert "hidden" not in str(raised.value)


async def test_what_waits_for_a_connection_ends_in_time(tmp_path: Path) -> None:
    async with node(tmp_path) as (there, server), Fabric(there) as fabric:
        await ensure(fabric, Stream("S", ("s.>",)))
        os.kill(server.pid, signal.SIGSTOP)
        try:
            with pytest.raises(Lost):
                await fabric.publish("s.a", timeout=0.2)
        finally:
            os.kill(server.pid, signal.SIGCONT)
        assert (await fabric.publish("s.a")).seq


async def test_what_failed_is_never_stored_later(tmp_path: Path) -> None:
    async with AsyncExitStack() as first:
        there, server = await first.enter_async_context(node(tmp_path))
        async with Fabric(there) as fabric:
            await ensure(fabric, Stream("S", ("s.>",)))
            await fabric.publish("s.a", b"stored")
            listen = server.addresses["clients"]
            await first.aclose()
            failed = [fabric.publish("s.a", b"never", timeout=0.2) for _ in range(20)]
            for error in await asyncio.gather(*failed, return_exceptions=True):
                assert isinstance(error, Unavailable)
            with pytest.raises(Lost):
                await fabric.send("s.a", b"never")
            async with node(tmp_path, listen=listen), asyncio.timeout(20):
                await fabric.publish("s.a", b"stored", timeout=20)
                state = (await fabric.api("STREAM.INFO.S"))["state"]
                assert state["messages"] == 2


async def test_a_cluster_serves_the_same() -> None:
    async with cluster() as made, Fabric(made.node()) as fabric:
        info = await ensure(fabric, Stream("S", ("s.>",)))
        assert info["config"]["num_replicas"] == 3
        leader = next(each for each in made.members if each.name == info["cluster"]["leader"])
        same = await asyncio.gather(*(fabric.publish("s.a", b"before", id="same") for _ in range(10)))
        assert {ack.seq for ack in same} == {1}
        await leader.kill()
        assert (await fabric.publish("s.a", b"after", timeout=60)).seq == 2
