"""Bounds what is under way at once, in bytes: who comes when it is full waits for its turn. Sends nothing."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress

OVERHEAD = 512
"""Bytes that a request costs beside its payload."""


class Window:
    """A number of bytes that may be under way. Waiting is first come, first served."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = 0
        self.waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    def try_enter(self, size: int) -> int:
        """Takes `size` bytes if they fit now; returns what to give to `leave`, 0 when they do not.

        What is larger than the whole window goes alone.
        """
        cost = min(size + OVERHEAD, self.capacity)
        if self.waiting or self.used + cost > self.capacity:
            return 0
        self.used += cost
        return cost

    async def enter(self, size: int) -> int:
        """Waits until `size` bytes fit and takes them; returns what to give to `leave`."""
        cost = self.try_enter(size)
        if cost:
            return cost
        cost = min(size + OVERHEAD, self.capacity)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((cost, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(cost)
            else:
                with suppress(ValueError):  # somebody who left may have skipped it already
                    self.waiting.remove((cost, turn))
                self.admit()
            raise
        return cost

    def leave(self, cost: int) -> None:
        """Gives bytes back and lets those in that fit now."""
        self.used -= cost
        self.admit()

    def admit(self) -> None:
        """Lets in who has waited longest, as far as there is room."""
        while self.waiting and self.used + self.waiting[0][0] <= self.capacity:
            cost, turn = self.waiting.popleft()
            if not turn.done():
                self.used += cost
                turn.set_result(None)
