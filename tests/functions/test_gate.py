"""Tests of the limit on invocations of one function."""

from __future__ import annotations

import asyncio

import pytest

from gojinn.errors import Unavailable
from gojinn.functions.gate import Gate


async def waiting(gate: Gate, count: int, timeout: float = 60.0) -> list[asyncio.Task[None]]:
    """Starts tasks that wait at a gate, one after the other."""
    tasks = []
    for _ in range(count):
        tasks.append(asyncio.create_task(gate.enter(timeout)))
        await asyncio.sleep(0)
    return tasks


def entered(gate: Gate) -> bool:
    """Takes a place if one is free, as the runner does."""
    if gate.busy < gate.size:
        gate.busy += 1
        return True
    return False


async def settle() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


def test_lets_in_up_to_its_size() -> None:
    gate = Gate(2)
    assert [entered(gate) for _ in range(3)] == [True, True, False]
    gate.leave()
    assert entered(gate)


async def test_serves_those_who_wait_in_order() -> None:
    gate = Gate(1)
    entered(gate)
    tasks = await waiting(gate, 3)
    for n in range(3):
        gate.leave()
        await settle()
        assert [task.done() for task in tasks] == [i <= n for i in range(3)]
    assert gate.busy == 1


async def test_nobody_overtakes_those_who_wait() -> None:
    gate = Gate(1)
    entered(gate)
    (task,) = await waiting(gate, 1)
    gate.leave()
    assert not entered(gate)
    await task


async def test_waiting_ends_with_the_timeout() -> None:
    gate = Gate(1)
    entered(gate)
    with pytest.raises(Unavailable, match=r"all 1 sandboxes of this function were busy for 0\.01 s"):
        await gate.enter(0.01)
    gate.leave()
    assert entered(gate)


async def test_who_gives_up_is_passed_over() -> None:
    gate = Gate(1)
    entered(gate)
    first, second = await waiting(gate, 2)
    first.cancel()
    await settle()
    gate.leave()
    await second
    assert gate.busy == 1


async def test_a_place_given_to_one_who_gave_up_goes_to_the_next() -> None:
    gate = Gate(1)
    entered(gate)
    first, second = await waiting(gate, 2)
    gate.leave()
    first.cancel()
    await second
    assert gate.busy == 1


async def test_a_place_given_to_the_last_who_gave_up_is_free() -> None:
    gate = Gate(1)
    entered(gate)
    (only,) = await waiting(gate, 1)
    gate.leave()
    only.cancel()
    await settle()
    assert gate.busy == 0


async def test_those_who_gave_up_are_forgotten() -> None:
    gate = Gate(1)
    entered(gate)
    tasks = await waiting(gate, 100)
    for task in tasks:
        task.cancel()
    await settle()
    assert not gate.waiting
