"""The requests that an invocation has under way, several at once. What becomes of one is `exchange`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from itertools import count
from typing import Any

from gojinn.capabilities.http.answers import LARGEST, Room
from gojinn.capabilities.request import bad_request

MOST = 32
"""Requests that an invocation may have under way, or answered and not waited for."""
LARGEST_TOGETHER = 32 << 20
"""Bytes of the bodies of these, of requests and answers."""


@dataclass(frozen=True, slots=True)
class Begun:
    """One of them."""

    task: asyncio.Task[Any]
    room: Room
    sent: Room


class Underway:
    """They end with the invocation."""

    def __init__(self) -> None:
        self.begun: dict[int, Begun] = {}
        self.numbers = count(1)
        self.together = Room(LARGEST_TOGETHER, "requests and answers under way have")

    def begin(self, ask: Callable[[Room], Awaitable[Any]], size: int) -> int:
        """Begins a request whose body has that size; `ask` is given the room for the answer's. Returns its
        number. Raises OperationError, Failure."""
        if len(self.begun) >= MOST:
            raise bad_request(f"{MOST} requests are under way, expected fewer: wait for one of them")
        sent = Room(size, within=self.together)
        sent.take(size)
        room = Room(LARGEST, within=self.together)
        number = next(self.numbers)
        self.begun[number] = Begun(asyncio.ensure_future(ask(room)), room, sent)
        return number

    async def first(self, numbers: Iterable[int], timeout: float | None) -> tuple[int, Any] | None:
        """Waits for the first of some that is done and lets go of it; None when the time was over before."""
        tasks = {number: self.find(number).task for number in numbers}
        if not tasks:
            raise bad_request("ids is empty, expected those of requests that were started")
        await asyncio.wait(tasks.values(), timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        for number, task in tasks.items():
            if task.done():
                self.forget(number)
                return number, task.result()
        return None

    def find(self, number: int) -> Begun:
        """Finds one. Raises OperationError."""
        found = self.begun.get(number)
        if found is None:
            raise bad_request(
                f"no request {number} is under way: it was never started, or waited for already"
            )
        return found

    def forget(self, number: int) -> Begun:
        """Lets go of one, and of the room that it took."""
        found = self.begun.pop(number)
        found.room.give_back()
        found.sent.give_back()
        return found

    async def cancel(self, number: int) -> None:
        """Breaks one off, if it is still there."""
        if number in self.begun:
            await broken_off([self.forget(number).task])

    async def cancel_all(self) -> None:
        """Breaks all of them off."""
        tasks = [each.task for each in self.begun.values()]
        self.begun.clear()
        await broken_off(tasks)


async def broken_off(tasks: list[asyncio.Task[Any]]) -> None:
    """Cancels tasks and waits for their end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
