from __future__ import annotations

import asyncio
import signal

import pytest

from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Fabric
from gojinn.fabric.feed import Event, Feed, Position, changes, position
from gojinn.fabric.records import Entry
from gojinn.testing import fabric as kit


@pytest.fixture
def bucket(fabric: Fabric) -> Bucket:
    return Bucket(fabric, "acme")


@pytest.mark.parametrize(
    "reply",
    [
        "$JS.ACK.gojinn_kv_acme.abc.1.17.3.1795545704650013361.2",
        "$JS.ACK.hub.ACCOUNT.gojinn_kv_acme.abc.1.17.3.1795545704650013361.2.nonce",
    ],
    ids=["plain", "with a domain"],
)
def test_positions_are_read_from_both_forms(reply: str) -> None:
    assert position(reply) == Position(revision=17, number=3, pending=2)


@pytest.mark.slow
async def test_changes_come_in_order(bucket: Bucket) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    await bucket.put("before", b"")
    async with Feed(bucket, events.put_nowait) as feed:
        async with asyncio.timeout(10):
            one = await bucket.put("a", b"1")
            told = [await events.get()]
            two = await bucket.delete("a")
            three = await bucket.put("b/c", b"2")
            told += [await events.get(), await events.get()]
        assert feed.revision == three
    assert told == [("a", Entry(b"1", one)), ("a", Entry(None, two)), ("b/c", Entry(b"2", three))]


@pytest.mark.slow
async def test_of_many_changes_of_a_key_the_last_one_is_told(bucket: Bucket) -> None:
    events: list[Event] = []
    async with Feed(bucket, events.append) as feed:
        revisions = [await bucket.put("a", b"%d" % number) for number in range(50)]
        async with asyncio.timeout(10):
            while feed.revision < revisions[-1]:  # noqa: ASYNC110
                await asyncio.sleep(0)
    told = [event.entry.revision for event in events]
    assert told == sorted(set(told))
    assert events[-1] == ("a", Entry(b"49", revisions[-1]))


@pytest.mark.slow
async def test_only_keys_with_the_prefix_are_told(bucket: Bucket) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with Feed(bucket, events.put_nowait, prefix="ab"):
        for key in ("a", "b", "ab", "abc", "ab/c", "ac"):
            await bucket.put(key, b"")
        async with asyncio.timeout(10):
            assert [(await events.get()).key for _ in range(3)] == ["ab", "abc", "ab/c"]
    assert events.empty()


@pytest.mark.slow
async def test_what_other_programs_store_under_other_names_is_passed_over(bucket: Bucket) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with Feed(bucket, events.put_nowait) as feed:
        await bucket.fabric.publish(bucket.keys.root + "A!", b"")
        await bucket.put("a", b"")
        async with asyncio.timeout(10):
            assert (await events.get()).key == "a"
        assert feed.live


@pytest.mark.slow
async def test_an_expiry_is_a_change(bucket: Bucket) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with Feed(bucket, events.put_nowait):
        await bucket.put("short", b"", ttl=1)
        async with asyncio.timeout(10):
            await events.get()
            assert (await events.get()).entry.value is None


@pytest.mark.slow
async def test_it_ends_with_the_server() -> None:
    async with (
        kit.node() as (node, server),
        Fabric(node, "test") as fabric,
        Feed(Bucket(fabric, "acme"), lambda event: None) as feed,
    ):
        assert feed.live
        server.process.send_signal(signal.SIGKILL)
        async with asyncio.timeout(20):
            await feed.ended.wait()
        assert not feed.live


@pytest.mark.slow
async def test_a_gap_ends_it(bucket: Bucket) -> None:
    events: asyncio.Queue[Event] = asyncio.Queue()
    async with Feed(bucket, events.put_nowait) as feed:
        feed.delivered += 1  # as if one had been dropped on the way
        await bucket.put("a", b"")
        async with asyncio.timeout(10):
            await feed.ended.wait()
    assert events.empty()


@pytest.mark.slow
async def test_changes_since_a_revision(bucket: Bucket) -> None:
    first = await bucket.put("a", b"1")
    await bucket.put("b", b"1")
    last = await bucket.put("b", b"2")
    assert await changes(bucket, after=first) == ([Event("b", Entry(b"2", last))], last)
    assert await changes(bucket, after=last) == ([], last)
    assert await changes(bucket, "a", after=0) == ([Event("a", Entry(b"1", first))], first)


@pytest.mark.slow
async def test_changes_come_a_page_at_a_time(bucket: Bucket) -> None:
    await asyncio.gather(*(bucket.put(f"k{number}", b"") for number in range(25)))
    found: list[str] = []
    after = 0
    while True:
        some, after = await changes(bucket, after=after, limit=10)
        if not some:
            break
        assert len(some) <= 10
        found += [event.key for event in some]
    assert sorted(found) == sorted(f"k{number}" for number in range(25))


@pytest.mark.slow
async def test_waiting_for_a_change(bucket: Bucket) -> None:
    found, revision = await changes(bucket, "x/", wait=0.0)
    assert found == []
    waiting = asyncio.create_task(changes(bucket, "x/", after=revision, wait=20))
    await bucket.put("other", b"")
    written = await bucket.put("x/1", b"1")
    assert await waiting == ([Event("x/1", Entry(b"1", written))], written)
