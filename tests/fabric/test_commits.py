from __future__ import annotations

import asyncio

import pytest

from gojinn.errors import BadRequest, Conflict, LimitExceeded
from gojinn.fabric.buckets import Bucket
from gojinn.fabric.commits import COMMIT_BYTES, LONGEST_COMMIT, Change, commit
from gojinn.fabric.connection import Fabric
from gojinn.fabric.records import LARGEST_VALUE, Entry

pytestmark = pytest.mark.slow


@pytest.fixture
def bucket(fabric: Fabric) -> Bucket:
    return Bucket(fabric, "acme")


async def values(bucket: Bucket, *keys: str) -> list[bytes | None]:
    return [(await bucket.get(key)).value for key in keys]


async def test_all_changes_are_made(bucket: Bucket) -> None:
    await bucket.put("old", b"x")
    revisions = await commit(bucket, [Change("a", b"1"), Change("old", None), Change("b", b"2", revision=0)])
    assert await values(bucket, "a", "old", "b") == [b"1", None, b"2"]
    assert [(await bucket.get(key)).revision for key in ("a", "old", "b")] == revisions


async def test_one_conflict_and_nothing_is_written(bucket: Bucket) -> None:
    first = await bucket.put("a", b"1")
    await bucket.put("b", b"1")
    with pytest.raises(Conflict, match="nothing was written"):
        await commit(bucket, [Change("a", b"2", revision=first), Change("b", b"2", revision=0)])
    with pytest.raises(Conflict, match="nothing was written"):
        await commit(bucket, [Change("b", None, revision=first), Change("a", b"2"), Change("c", b"2")])
    assert await values(bucket, "a", "b", "c") == [b"1", b"1", None]


async def test_what_was_deleted_counts_as_missing(bucket: Bucket) -> None:
    await bucket.put("a", b"1")
    await bucket.delete("a")
    await commit(bucket, [Change("a", b"2", revision=0), Change("b", b"2")])
    assert await values(bucket, "a", "b") == [b"2", b"2"]


async def test_one_change_is_a_commit_too(bucket: Bucket) -> None:
    (revision,) = await commit(bucket, [Change("a", b"1", ttl=60)])
    assert await bucket.get("a") == Entry(b"1", revision)


async def test_transfers_between_accounts_lose_nothing(bucket: Bucket) -> None:
    accounts = [f"account/{number}" for number in range(4)]
    await commit(bucket, [Change(account, b"100") for account in accounts])

    async def transfer(number: int) -> None:
        source, target = accounts[number % 4], accounts[(number * 7 + 1) % 4]
        while source != target:
            there, here = await bucket.get(source), await bucket.get(target)
            moved = [
                Change(source, b"%d" % (int(there.value or 0) - 1), there.revision),
                Change(target, b"%d" % (int(here.value or 0) + 1), here.revision),
            ]
            try:
                await commit(bucket, moved)
                return
            except Conflict:
                continue

    await asyncio.gather(*map(transfer, range(16)))
    assert sum(int(value or 0) for value in await values(bucket, *accounts)) == 400


WRONG: dict[str, tuple[list[Change], type[Exception], str]] = {
    "nothing": ([], BadRequest, "there is nothing to write"),
    "twice": ([Change("a", b""), Change("a", b"")], BadRequest, "changed twice"),
    "too many": ([Change(str(n), b"") for n in range(LONGEST_COMMIT + 1)], LimitExceeded, "given 101"),
    "empty key": ([Change("a", b""), Change("", b"")], BadRequest, "the key is empty"),
    "large value": ([Change("a", b"x" * (LARGEST_VALUE + 1))], LimitExceeded, "value is too large"),
    "large sum": (
        [Change(str(n), b"x" * LARGEST_VALUE) for n in range(COMMIT_BYTES // LARGEST_VALUE + 1)],
        LimitExceeded,
        "too much at once",
    ),
    "deletion with ttl": ([Change("a", None, ttl=5)], BadRequest, "the deletion of 'a' has a time to live"),
    "wrong ttl": ([Change("a", b"", ttl=0)], BadRequest, "wrong time to live"),
}


@pytest.mark.parametrize(("changes", "kind", "words"), WRONG.values(), ids=WRONG)
async def test_bad_input_is_refused_and_writes_nothing(
    bucket: Bucket, changes: list[Change], kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        await commit(bucket, changes)
    assert await values(bucket, "a", "0") == [None, None]
