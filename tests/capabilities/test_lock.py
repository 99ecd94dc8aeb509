"""Locks as guests see them: `host_mutex_lock`, `host_mutex_unlock` and the operations `lock.…`."""

from __future__ import annotations

import asyncio

import pytest

from gojinn.functions.permissions import Permissions
from gojinn.testing.script import Script
from gojinn.trust.permissions import Grant

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


async def test_a_lock_is_held_until_it_is_unlocked(run: Script) -> None:
    answers = await run(
        *(("lock", "door", 30), ("lock", "door", 30), ("lock", "window", 30)),
        *(("unlock", "door"), ("unlock", "door"), ("lock", "door", 30)),
    )
    assert answers == ["1", "0", "1", "1", "0", "1"]


async def test_another_invocation_can_neither_lock_nor_unlock(run: Script) -> None:
    await run(("lock", "door", 30))
    assert await run(("lock", "door", 30), ("unlock", "door")) == ["0", "0"]
    assert await run(("lock", "door", 30), tenant="other") == ["1"]


async def test_a_lock_expires(run: Script) -> None:
    await run(("lock", "door", 1))
    answers = await run(("call", "lock.acquire", {"name": "door", "wait": 10}), ("unlock", "door"))
    assert answers.json[0]["token"] > 1
    assert answers[1] == "0"


async def test_zero_seconds_mean_a_minute(run: Script) -> None:
    assert await run(("lock", "door", 0), ("lock", "door", 0)) == ["1", "0"]


async def test_a_secret_lets_another_invocation_renew_and_release(run: Script) -> None:
    lease = (await run(("call", "lock.acquire", {"name": "door", "ttl": 30}))).json[0]
    named = {"name": "door", "owner": lease["owner"]}
    answers = await run(
        ("call", "lock.acquire", {"name": "door"}),
        ("call", "lock.renew", {"name": "door", "owner": "guessed"}),
        ("call", "lock.renew", named),
        ("call", "lock.release", {"name": "door", "owner": ""}),
        ("call", "lock.release", named),
        ("call", "lock.release", named),
        ("call", "lock.renew", named),
        ("call", "lock.acquire", {"name": "door"}),
    )
    assert answers.codes == ["conflict", "conflict", None, "conflict", None, "conflict", "conflict", None]
    assert answers.json[2]["token"] == lease["token"] < answers.json[7]["token"]


async def test_who_waits_gets_the_lock(run: Script) -> None:
    lease = (await run(("call", "lock.acquire", {"name": "door", "ttl": 30}))).json[0]
    waiting = asyncio.create_task(run(("call", "lock.acquire", {"name": "door", "wait": 20})))
    await run(("call", "lock.release", {"name": "door", "owner": lease["owner"]}))
    assert (await waiting).codes == [None]


async def test_locks_are_open_until_a_line_narrows_them(run: Script) -> None:
    free = Permissions(kv_read=("*",), kv_write=("*",))
    assert await run(("lock", "door", 30), permissions=free) == ["1"]
    narrow = Permissions(kv_read=("*",), kv_write=("*",), lock=(Grant("lock", "acquire", ("own/",)),))
    answers = await run(
        *(("lock", "own/a", 30), ("lock", "window", 30), ("call", "lock.acquire", {"name": "window"})),
        permissions=narrow,
    )
    assert answers[:2] == ["1", "0"]
    assert "lock acquire window" in answers[2]


WRONG: dict[str, tuple[str, str, str, str]] = {
    "no name": ("lock.acquire", "{}", "bad-request", "missing required field `name`"),
    "an empty name": ("lock.acquire", '{"name": ""}', "bad-request", "empty"),
    "a huge name": ("lock.acquire", '{"name": "' + "x" * 10_000 + '"}', "limit", "too long"),
    "no time": ("lock.acquire", '{"name": "a", "ttl": 0}', "bad-request", "wrong time for a lock"),
    "an age": ("lock.acquire", '{"name": "a", "ttl": 1e10}', "bad-request", "wrong time for a lock"),
    "a wait below zero": ("lock.acquire", '{"name": "a", "wait": -1}', "bad-request", "wrong wait"),
    "no owner": ("lock.release", '{"name": "a"}', "bad-request", "missing required field `owner`"),
    "an unknown field": ("lock.renew", '{"name": "a", "owner": "", "x": 1}', "bad-request", "unknown field"),
}


async def test_bad_requests_are_refused(run: Script) -> None:
    answers = await run(*(("call", operation, request) for operation, request, _, _ in WRONG.values()))
    expected = dict(zip(WRONG, (code for _, _, code, _ in WRONG.values()), strict=True))
    assert dict(zip(WRONG, answers.codes, strict=True)) == expected
    for name, answer, (_, _, _, words) in zip(WRONG, answers.json, WRONG.values(), strict=True):
        assert words in answer["error"]["message"], name


async def test_bad_names_are_told_in_the_log(run: Script) -> None:
    answers = await run(("lock", "", 5), ("unlock", ""), ("lock", "x" * 5000, 5))
    assert answers == ["0", "0", "0"]
    assert [record.text.partition(":")[0] for record in answers.log] == ["host_mutex_lock"] * 2
