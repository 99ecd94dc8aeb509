"""Deadlines that move."""

import asyncio

from gojinn.edge.deadline import Deadline
from gojinn.testing.edge import until


class Bell:
    """Counts how often it rang, and at what times."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.rang: list[float] = []
        self.deadline = Deadline(self.loop, lambda: self.rang.append(self.loop.time()))


async def test_deadline_comes_once() -> None:
    bell = Bell()
    begun = bell.loop.time()
    bell.deadline.set(0.1)
    await until(lambda: bool(bell.rang))
    assert len(bell.rang) == 1
    assert bell.rang[0] - begun >= 0.05


async def test_later_deadline_replaces_an_earlier_one() -> None:
    bell = Bell()
    begun = bell.loop.time()
    bell.deadline.set(0.06)
    bell.deadline.set(0.2)
    await until(lambda: bool(bell.rang))
    assert bell.rang[0] - begun >= 0.14


async def test_earlier_deadline_replaces_a_later_one() -> None:
    bell = Bell()
    bell.deadline.set(60)
    bell.deadline.set(0.01)
    await until(lambda: bool(bell.rang))


async def test_cleared_deadline_does_not_come() -> None:
    bell, other = Bell(), Bell()
    bell.deadline.set(0.01)
    bell.deadline.clear()
    other.deadline.set(0.05)
    await until(lambda: bool(other.rang))
    assert bell.rang == []
    bell.deadline.set(0.01)
    bell.deadline.stop()
    other.deadline.set(0.05)
    await until(lambda: len(other.rang) == 2)
    assert bell.rang == []
