from __future__ import annotations

import asyncio

import pytest

from gojinn.errors import BadRequest
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.connection import Fabric
from gojinn.fabric.listing import PAGE_BYTES, Page, list_keys

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(fabric: Fabric) -> Bucket:
    return Bucket(fabric, "acme")


async def fill(bucket: Bucket, *keys: str) -> None:
    await asyncio.gather(*(bucket.put(key, key.encode()) for key in keys))


async def walk(bucket: Bucket, prefix: str, limit: int) -> list[str]:
    """Lists page by page."""
    found: list[str] = []
    after: str | None = None
    while True:
        page = await list_keys(bucket, prefix, after=after, limit=limit)
        found += [item.key for item in page.items]
        assert len(page.items) <= limit
        if page.next is None:
            return found
        after = page.next


async def test_an_empty_bucket_has_no_keys(bucket: Bucket) -> None:
    assert await list_keys(bucket) == Page([], None)


async def test_keys_are_listed_with_their_values(bucket: Bucket) -> None:
    revision = await bucket.put("a", b"1")
    page = await list_keys(bucket)
    assert page == Page([page.items[0]], None)
    assert page.items[0] == ("a", b"1", revision)


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("orders/", ["orders/", "orders/1", "orders/2"]),
        ("orders", ["orders", "orders/", "orders/1", "orders/2", "ordersX"]),
        ("o", ["o", "orders", "orders/", "orders/1", "orders/2", "ordersX"]),
        ("*", ["*"]),
        ("ü", ["über"]),
        ("nothing", []),
    ],
)
async def test_a_prefix_selects(bucket: Bucket, prefix: str, keys: list[str]) -> None:
    everything = ["orders", "orders/", "orders/1", "orders/2", "ordersX", "o", "*", "über", "else"]
    await fill(bucket, *everything)
    assert sorted(await walk(bucket, prefix, 100)) == sorted(keys)


async def test_pages_hold_each_key_once(bucket: Bucket) -> None:
    keys = [f"k/{number:03}" for number in range(95)]
    await fill(bucket, *keys, "other")
    for limit in (1, 7, 95, 96, 1000):
        assert await walk(bucket, "k/", limit) == keys


async def test_keys_that_are_gone_are_left_out(bucket: Bucket) -> None:
    await fill(bucket, *(f"k/{number:02}" for number in range(40)))
    await asyncio.gather(*(bucket.delete(f"k/{number:02}") for number in range(36)))
    assert await walk(bucket, "k/", 3) == ["k/36", "k/37", "k/38", "k/39"]


async def test_a_cursor_may_be_gone_by_now(bucket: Bucket) -> None:
    await fill(bucket, "a", "b", "c")
    page = await list_keys(bucket, limit=2)
    await bucket.delete("b")
    assert [item.key for item in (await list_keys(bucket, after=page.next)).items] == ["c"]


async def test_a_page_of_large_values_ends_early(bucket: Bucket) -> None:
    keys = [f"large/{number:02}" for number in range(60)]
    for key in keys:
        await bucket.put(key, b"x" * 200_000)
    page = await list_keys(bucket, "large/", limit=1000)
    assert sum(len(item.value) for item in page.items) < 2 * PAGE_BYTES
    assert await walk(bucket, "large/", 1000) == keys


async def test_what_other_programs_store_under_other_names_is_left_out(bucket: Bucket) -> None:
    await fill(bucket, "a", "b")
    for name in ("A!", "=zz", "=2e", "=FF", "a.b", "=."):
        await bucket.fabric.publish(bucket.keys.root + name.rstrip("."), b"")
    assert await walk(bucket, "", 1) == ["a", "b"]


@pytest.mark.parametrize("limit", [0, -1, 1001])
async def test_an_impossible_limit_is_refused(bucket: Bucket, limit: int) -> None:
    with pytest.raises(BadRequest, match="expected 1 to 1000"):
        await list_keys(bucket, limit=limit)
