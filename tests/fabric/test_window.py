"""The window: who does not fit waits in order, and nobody who gives up takes room."""

from __future__ import annotations

import asyncio

import pytest

from gojinn.fabric.window import OVERHEAD, Window


async def test_what_fits_enters_at_once() -> None:
    window = Window(10_000)
    cost = window.try_enter(1_000)
    assert cost == 1_000 + OVERHEAD
    window.leave(cost)
    assert window.used == 0


async def test_who_does_not_fit_waits_in_order() -> None:
    window = Window(OVERHEAD + 100)
    first = await window.enter(100)
    order: list[int] = []

    async def enter(number: int) -> None:
        cost = await window.enter(100)
        order.append(number)
        window.leave(cost)

    tasks = [asyncio.create_task(enter(number)) for number in range(5)]
    await asyncio.sleep(0)
    assert not order
    assert not window.try_enter(0)
    window.leave(first)
    await asyncio.gather(*tasks)
    assert order == [0, 1, 2, 3, 4]
    assert window.used == 0


async def test_what_is_larger_than_everything_goes_alone() -> None:
    window = Window(1_000)
    cost = await window.enter(1_000_000)
    assert cost == 1_000
    assert not window.try_enter(1)
    window.leave(cost)
    assert window.used == 0


@pytest.mark.parametrize("late", [False, True], ids=["while it waits", "as its turn comes"])
async def test_who_gives_up_takes_no_room(late: bool) -> None:
    window = Window(1_000)
    cost = await window.enter(1_000)
    waiting = [asyncio.create_task(window.enter(1_000)) for _ in range(3)]
    await asyncio.sleep(0)
    if late:
        window.leave(cost)
    waiting[0].cancel()
    if not late:
        window.leave(cost)
    with pytest.raises(asyncio.CancelledError):
        await waiting[0]
    window.leave(await waiting[1])
    window.leave(await waiting[2])
    assert window.used == 0
