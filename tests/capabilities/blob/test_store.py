"""What every store does alike: one suite over the data directory and two servers of S3's protocol."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gojinn.capabilities.blob.s3 import PART
from gojinn.capabilities.blob.store import BlobError, Condition, Facts, Store

pytestmark = pytest.mark.slow

PLAIN = Facts()
KEYS = [
    "a",
    "a b",
    "a%20b",
    "a+b",
    "a#b?c",
    "ä/ö",
    "日本",
    "~!*'()",
    "[x]",
    "a\\b",
    "=d",
    "x=f",
    "q" * 240,
    ".x",
]


async def code(doing: Any) -> str:
    with pytest.raises(BlobError) as caught:
        await doing
    return caught.value.code


async def listed(store: Store, prefix: str = "", after: str = "", limit: int = 1000) -> list[str]:
    page = await store.list(prefix, after, limit)
    return [info.key for info in page.objects]


async def test_what_is_put_is_got_whole_and_in_pieces(store: Store) -> None:
    stored = await store.put("a/b", b"0123456789", PLAIN)
    piece = await store.get("a/b", 0, 100)
    assert (piece.body, piece.info.size, piece.info.etag) == (b"0123456789", 10, stored.etag)
    assert (await store.get("a/b", 2, 3)).body == b"234"
    assert (await store.get("a/b", 8, 100)).body == b"89"
    assert (await store.get("a/b", 3, 0)).body == b""


async def test_an_empty_object_is_an_object(store: Store) -> None:
    await store.put("empty", b"", PLAIN)
    piece = await store.get("empty", 0, 100)
    assert (piece.body, piece.info.size) == (b"", 0)


async def test_an_offset_past_the_end_is_told(store: Store) -> None:
    await store.put("k", b"abc", PLAIN)
    assert await code(store.get("k", 7, 1)) == "bad-range"


async def test_what_is_not_there_is_told(store: Store) -> None:
    assert await code(store.get("none", 0, 10)) == "not-found"
    assert await code(store.head("none")) == "not-found"
    assert await code(store.copy("none", "other")) == "not-found"
    await store.delete("none")


async def test_content_type_and_metadata_stay(store: Store) -> None:
    facts = Facts("image/png", {"color": "red", "x-size": "12 by 7"})
    await store.put("k", b"abc", facts)
    await store.copy("k", "copy")
    for found in (await store.head("k"), (await store.get("k", 0, 10)).info, await store.head("copy")):
        assert found.facts is not None
        assert found.facts.content_type == "image/png"
        assert facts.metadata.items() <= found.facts.metadata.items()  # rclone adds one of its own


async def test_a_second_put_replaces_the_first(store: Store) -> None:
    first = await store.put("k", b"one", Facts("a/b"))
    second = await store.put("k", b"three", PLAIN)
    piece = await store.get("k", 0, 10)
    assert piece.body == b"three"
    assert piece.info.etag == second.etag != first.etag


async def test_a_copy_outlives_its_source(store: Store) -> None:
    await store.put("k", b"one", PLAIN)
    await store.copy("k", "deep/er/copy")
    await store.put("k", b"two", PLAIN)
    await store.delete("k")
    assert (await store.get("deep/er/copy", 0, 10)).body == b"one"
    assert await listed(store) == ["deep/er/copy"]


@pytest.mark.parametrize("key", KEYS)
async def test_keys_are_kept_as_they_are(store: Store, key: str) -> None:
    await store.put(key, b"1", PLAIN)
    assert (await store.get(key, 0, 10)).body == b"1"
    assert await listed(store) == await listed(store, key) == [key]
    await store.delete(key)
    assert await listed(store) == []


@pytest.mark.parametrize("store", ["local", "moto"], indirect=True)  # rclone has a folder or a file there
@pytest.mark.parametrize("key", KEYS)
async def test_a_key_may_be_below_another(store: Store, key: str) -> None:
    await store.put(key, b"1", PLAIN)
    await store.put(key + "/below", b"2", PLAIN)
    assert (await store.get(key, 0, 10)).body == b"1"
    assert (await store.get(key + "/below", 0, 10)).body == b"2"
    assert await listed(store) == [key, key + "/below"]
    await store.delete(key + "/below")
    assert await listed(store) == [key]


async def test_lists_are_in_the_order_of_bytes_and_by_prefix(store: Store) -> None:
    keys = ["a-b", "a/1", "a/2", "a0", "ab/c/d", "b", "Z", "é", "aé/x"]
    for key in keys:
        await store.put(key, b"", PLAIN)
    ordered = sorted(keys, key=str.encode)
    assert await listed(store) == ordered
    for prefix in ("a", "a/", "a/1", "ab/", "ab/c", "zz", "é"):
        assert await listed(store, prefix) == [key for key in ordered if key.startswith(prefix)], prefix


async def test_lists_come_in_pages(store: Store) -> None:
    keys = [f"p/{number:02}/x" for number in range(7)]
    for key in [*keys, "o", "q"]:
        await store.put(key, b"1", PLAIN)
    found, after = [], ""
    while True:
        page = await store.list("p/", after, 3)
        assert len(page.objects) <= 3
        found += [info.key for info in page.objects]
        after = page.following
        if not after:
            break
    assert found == keys
    assert await listed(store, "p/", "p/03/x") == keys[4:]
    assert (await store.list("p/", "", 7)).following == ""


async def test_an_upload_is_there_when_it_is_finished(store: Store) -> None:
    upload = store.upload("big", Facts("video/mp4", {"a": "b"}))
    piece = bytes(range(256)) * 4096
    for _ in range(PART // len(piece) * 2 + 1):
        await upload.write(piece)
    assert await listed(store) == []
    await upload.finish()
    await upload.abort()
    info = await store.head("big")
    assert info.size == PART * 2 + len(piece)
    assert info.facts == Facts("video/mp4", {"a": "b"})
    assert (await store.get("big", PART + 5, 4)).body == bytes([5, 6, 7, 8])


async def test_an_upload_that_is_aborted_leaves_nothing(store: Store) -> None:
    upload = store.upload("big", PLAIN)
    for _ in range(3):
        await upload.write(bytes(PART))
    await upload.abort()
    await upload.abort()
    assert await listed(store) == []


async def test_an_upload_of_nothing_is_an_empty_object(store: Store) -> None:
    await store.upload("empty", PLAIN).finish()
    assert (await store.head("empty")).size == 0


async def test_a_long_object_is_put_at_once(store: Store) -> None:
    body = bytes(range(256)) * (PART // 256 * 2)
    await store.put("long", body, PLAIN)
    assert (await store.head("long")).size == len(body)
    assert (await store.get("long", PART, 256)).body == bytes(range(256))


@pytest.mark.parametrize("store", ["local", "moto"], indirect=True)
async def test_conditions_hold(store: Store) -> None:
    absent = Condition(absent=True)
    first = await store.put("k", b"one", PLAIN, absent)
    assert await code(store.put("k", b"two", PLAIN, absent)) == "exists"
    second = await store.put("k", b"two", PLAIN, Condition(etag=first.etag))
    assert await code(store.put("k", b"three", PLAIN, Condition(etag=first.etag))) == "conflict"
    assert await code(store.put("none", b"x", PLAIN, Condition(etag=first.etag))) in ("conflict", "not-found")
    piece = await store.get("k", 0, 10)
    assert (piece.body, piece.info.etag) == (b"two", second.etag)


@pytest.mark.parametrize("store", ["local", "moto"], indirect=True)
async def test_of_many_that_create_one_wins(store: Store) -> None:
    async def create(number: int) -> str:
        try:
            await store.put("k", b"%d" % number, PLAIN, Condition(absent=True))
        except BlobError as error:
            return error.code
        return "won"

    ends = await asyncio.gather(*map(create, range(8)))
    assert sorted(ends) == ["exists"] * 7 + ["won"]
    assert (await store.get("k", 0, 10)).body == b"%d" % ends.index("won")


@pytest.mark.parametrize("store", ["rclone"], indirect=True)
async def test_conditions_are_not_assumed(store: Store) -> None:
    assert await code(store.put("k", b"one", PLAIN, Condition(absent=True))) == "unsupported"
    assert await code(store.put("k", b"one", PLAIN, Condition(etag='"x"'))) == "unsupported"
    assert await listed(store) == []
