from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

import pytest

from gojinn.errors import BadRequest, Conflict, LimitExceeded
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Fabric
from gojinn.fabric.records import LARGEST_VALUE, Entry
from gojinn.testing import fabric as kit

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(fabric: Fabric) -> Bucket:
    return Bucket(fabric, "acme")


async def test_what_is_put_is_read_back(bucket: Bucket) -> None:
    revision = await bucket.put("greeting", b"hello")
    assert await bucket.get("greeting") == Entry(b"hello", revision)


async def test_a_missing_key_has_no_value(bucket: Bucket) -> None:
    assert await bucket.get("nothing") == Entry(None, 0)


async def test_revisions_grow(bucket: Bucket) -> None:
    assert await bucket.put("a", b"1") < await bucket.put("b", b"1") < await bucket.put("a", b"2")


async def test_an_empty_value_is_a_value(bucket: Bucket) -> None:
    await bucket.put("empty", b"")
    assert (await bucket.get("empty")).value == b""


async def test_a_deleted_key_is_missing(bucket: Bucket) -> None:
    await bucket.put("a", b"1")
    await bucket.delete("a")
    assert (await bucket.get("a")).value is None


async def test_a_deleted_key_can_be_created_again(bucket: Bucket) -> None:
    await bucket.create("a", b"1")
    await bucket.delete("a")
    await bucket.create("a", b"2")
    assert (await bucket.get("a")).value == b"2"


async def test_an_existing_key_is_not_created(bucket: Bucket) -> None:
    await bucket.put("a", b"1")
    with pytest.raises(Conflict, match="'a' exists already"):
        await bucket.create("a", b"2")


async def test_compare_and_set_needs_the_current_revision(bucket: Bucket) -> None:
    first = await bucket.put("a", b"1")
    second = await bucket.cas("a", b"2", first)
    with pytest.raises(Conflict, match=f"does not have revision {first} any more"):
        await bucket.cas("a", b"3", first)
    assert await bucket.get("a") == Entry(b"2", second)


async def test_a_deletion_can_demand_a_revision(bucket: Bucket) -> None:
    first = await bucket.put("a", b"1")
    await bucket.put("a", b"2")
    with pytest.raises(Conflict):
        await bucket.delete("a", revision=first)
    assert (await bucket.get("a")).value == b"2"


async def test_of_eight_contenders_exactly_one_wins(bucket: Bucket) -> None:
    revision = await bucket.put("prize", b"")

    async def contend(number: int) -> int | None:
        try:
            return await bucket.cas("prize", b"%d" % number, revision)
        except Conflict:
            return None

    for _ in range(10):
        won = [each for each in await asyncio.gather(*map(contend, range(8))) if each is not None]
        assert len(won) == 1
        revision = won[0]


async def test_of_eight_creators_exactly_one_wins(bucket: Bucket) -> None:
    async def contend(key: str) -> bool:
        try:
            await bucket.create(key, b"mine")
        except Conflict:
            return False
        return True

    for key in ("fresh", "gone"):
        await bucket.put("gone", b"")
        await bucket.delete("gone")
        assert sum(await asyncio.gather(*(contend(key) for _ in range(8)))) == 1


async def test_a_key_expires(bucket: Bucket) -> None:
    await bucket.put("short", b"1", ttl=1)
    assert (await bucket.get("short")).value == b"1"
    await until(lambda: missing(bucket, "short"))
    await bucket.create("short", b"2")
    assert (await bucket.get("short")).value == b"2"


async def test_a_write_without_a_time_to_live_stays(bucket: Bucket) -> None:
    await bucket.put("kept", b"1", ttl=1)
    await bucket.put("kept", b"2")
    await bucket.put("other", b"1", ttl=1)
    await until(lambda: missing(bucket, "other"))
    assert (await bucket.get("kept")).value == b"2"


async def test_tenants_do_not_see_each_other(fabric: Fabric) -> None:
    await Bucket(fabric, "one").put("a", b"1")
    assert (await Bucket(fabric, "two").get("a")).value is None


async def test_a_value_may_have_a_megabyte(bucket: Bucket) -> None:
    await bucket.put("large", b"x" * LARGEST_VALUE)
    assert len((await bucket.get("large")).value or b"") == LARGEST_VALUE
    with pytest.raises(LimitExceeded, match="given 1,000,001 bytes, expected at most 1,000,000"):
        await bucket.put("large", b"x" * (LARGEST_VALUE + 1))


HOSTILE_KEYS = (
    "*",
    ">",
    "a.b",
    " ",
    "$SYS.>",
    "\0",
    "a\r\nPUB x 1\r\n",
    "é" * 300,
    "/" * 400,
    "=",
    "..",
    "\x7f" * 500,
)


@pytest.mark.parametrize("key", HOSTILE_KEYS, ids=ascii)
async def test_hostile_keys_are_only_keys(bucket: Bucket, key: str) -> None:
    await bucket.put("a", b"mine")
    await bucket.put(key, b"theirs")
    assert (await bucket.get(key)).value == b"theirs"
    assert (await bucket.get("a")).value == b"mine"


Call = Callable[[Bucket], Awaitable[object]]
WRONG: dict[str, tuple[Call, type[Exception], str]] = {
    "empty key": (lambda b: b.put("", b""), BadRequest, "the key is empty"),
    "huge key": (lambda b: b.put("k" * 10_000, b""), LimitExceeded, "too long"),
    "half a second": (lambda b: b.put("a", b"", ttl=0.5), BadRequest, "wrong time to live: given 0.5"),
    "negative ttl": (lambda b: b.put("a", b"", ttl=-1), BadRequest, "wrong time to live"),
    "no number": (lambda b: b.put("a", b"", ttl=float("nan")), BadRequest, "given nan"),
    "infinite": (lambda b: b.put("a", b"", ttl=float("inf")), BadRequest, "given inf"),
    "negative revision": (lambda b: b.cas("a", b"", -1), BadRequest, "wrong revision: given -1"),
    "huge revision": (lambda b: b.delete("a", revision=1 << 64), BadRequest, "wrong revision"),
}


@pytest.mark.parametrize(("call", "kind", "words"), WRONG.values(), ids=WRONG)
async def test_bad_input_is_refused(bucket: Bucket, call: Call, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        await call(bucket)


async def test_writes_survive_a_killed_server() -> None:
    async with kit.node() as (node, server), Fabric(node, "test") as fabric:
        bucket = Bucket(fabric, "acme")
        revision = await bucket.put("a", b"0")
        for number in range(1, 6):
            writes = [asyncio.create_task(bucket.put(f"k{i}", b"%d" % number)) for i in range(20)]
            guarded = asyncio.create_task(bucket.cas("a", b"%d" % number, revision))
            kill(server)
            await asyncio.gather(*writes)
            revision = await guarded
        assert await bucket.get("a") == Entry(b"5", revision)
        assert [(await bucket.get(f"k{i}")).value for i in range(20)] == [b"5"] * 20


def kill(server: object) -> None:
    process = server.process  # type: ignore[attr-defined]
    process.send_signal(signal.SIGKILL)


async def missing(bucket: Bucket, key: str) -> bool:
    return (await bucket.get(key)).value is None


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(20):
        while not await condition():  # noqa: ASYNC110  (the server tells nobody who does not follow)
            await asyncio.sleep(0.02)


async def test_operations_are_counted(fabric: Fabric) -> None:
    bucket = Bucket(fabric, "acme")
    revision = await bucket.put("a", b"1")
    await bucket.get("a")
    with pytest.raises(Conflict):
        await bucket.cas("a", b"2", revision + 1)
    assert fabric.operations == {"kv write": 2, "kv read": 1, "kv conflict": 1}
