"""Tests of what an invocation offers to capabilities."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from gojinn.capabilities.capability import OperationError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import COMPLAINTS_AT_ONCE, Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.permissions import Permissions
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform

ECHO = FunctionConfig(str(guest("empty")))


@pytest.fixture
async def function(platform: Platform) -> Function:
    permissions = Permissions(kv_read=("users:",))
    return await platform.function(dataclasses.replace(ECHO, permissions=permissions))


def test_what_is_granted_is_permitted(function: Function) -> None:
    Invocation(function, b"").permit("kv", "read", "users:1")
    assert not function.usage.denials


def test_a_denial_is_counted_and_names_the_line_to_add(function: Function) -> None:
    with pytest.raises(OperationError, match="add the line 'kv_write users:1' to 'permissions'") as caught:
        Invocation(function, b"").permit("kv", "write", "users:1")
    assert caught.value.code == "denied"
    assert function.usage.denials == {"kv write": 1}


def test_what_a_capability_keeps_is_made_once(function: Function) -> None:
    invocation = Invocation(function, b"")
    kept = invocation.own(list, list)
    assert invocation.own(list, list) is kept
    assert Invocation(function, b"").own(list, list) is not kept


async def test_endings_run_in_reverse_and_one_that_fails_stops_no_other(
    function: Function, platform: Platform
) -> None:
    done: list[int] = []

    async def fail() -> None:
        raise RuntimeError("broken")

    async def note(number: int) -> None:
        await asyncio.sleep(0)
        done.append(number)

    invocation = Invocation(function, b"")
    invocation.at_end(lambda: note(1))
    invocation.at_end(fail)
    invocation.at_end(lambda: note(2))
    await platform.runner.run(invocation)
    assert done == [2, 1]


async def test_endings_also_run_when_the_invocation_is_cancelled(platform: Platform) -> None:
    function = await platform.function(FunctionConfig(str(guest("endless_loop"))))
    ended = asyncio.Event()

    async def end() -> None:
        await asyncio.sleep(0)
        ended.set()

    invocation = Invocation(function, b"")
    invocation.at_end(end)
    task = asyncio.create_task(platform.runner.run(invocation))
    await platform.running(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_time_runs_from_the_start(function: Function, platform: Platform) -> None:
    invocation = Invocation(function, b"", timeout=5.0)
    await platform.runner.run(invocation)
    assert 0 < invocation.time_left() <= 5.0


async def test_a_flood_of_denials_is_counted_and_not_logged(function: Function) -> None:
    invocation = Invocation(function, b"", tenant="one")
    for _ in range(1000):
        assert not invocation.allows("kv", "write", "x" * 5000)
    assert function.usage.denials == {"kv write": 1000}
    assert function.complaints.dropped >= 1000 - 2 * COMPLAINTS_AT_ONCE
