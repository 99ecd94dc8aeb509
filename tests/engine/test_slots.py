"""The limit on guests that live at once."""

import asyncio

import pytest

from gojinn.engine.slots import Slots
from gojinn.errors import Unavailable


def full(count: int = 1) -> Slots:
    slots = Slots(count)
    slots.free = 0
    return slots


async def rounds(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_waiters_are_served_in_order_of_arrival() -> None:
    slots = full()
    served: list[int] = []

    async def wait(number: int) -> None:
        await slots.take(5)
        served.append(number)

    waiters = [asyncio.ensure_future(wait(number)) for number in range(3)]
    await rounds(2)
    assert slots.waiting() == 3
    for expected in range(3):
        slots.give_back()
        await rounds(2)
        assert served == list(range(expected + 1))
    await asyncio.gather(*waiters)
    assert (slots.free, slots.waiting()) == (0, 0)


async def test_given_place_is_not_free_for_a_newcomer() -> None:
    slots = full()
    waiter = asyncio.ensure_future(slots.take(5))
    await rounds(2)
    slots.give_back()
    assert slots.free == 0
    await waiter


async def test_place_nobody_wants_gets_free() -> None:
    slots = full()
    slots.give_back()
    assert slots.free == 1


async def test_waiting_ends_at_the_timeout() -> None:
    slots = full(7)
    with pytest.raises(Unavailable, match="all 7 places"):
        await slots.take(0.01)
    assert slots.waiting() == 0
    slots.give_back()
    assert slots.free == 1


async def test_no_time_to_wait_is_unavailable_at_once() -> None:
    with pytest.raises(Unavailable):
        await full().take(0)


async def test_cancelled_waiter_does_not_keep_a_place() -> None:
    slots = full()
    waiter = asyncio.ensure_future(slots.take(5))
    await rounds(2)
    waiter.cancel()
    await asyncio.gather(waiter, return_exceptions=True)
    slots.give_back()
    assert slots.free == 1


async def test_place_given_to_a_waiter_that_is_cancelled_goes_to_the_next() -> None:
    slots = full()
    first = asyncio.ensure_future(slots.take(5))
    second = asyncio.ensure_future(slots.take(5))
    await rounds(2)
    slots.give_back()
    first.cancel()
    await asyncio.wait_for(second, 5)
    assert first.cancelled()
    assert slots.free == 0
