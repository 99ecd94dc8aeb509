"""Who of the preempted guests runs next: one for each turn of the event loop, in order.

Were each to continue as soon as the loop comes round, a request that needs three rounds would wait for a
slice of every busy guest in each of them.
"""

from __future__ import annotations

import asyncio
from collections import deque


class Baton:
    """Given to one waiting guest in each iteration of the loop."""

    __slots__ = ("passing", "queue")

    def __init__(self) -> None:
        self.queue: deque[asyncio.Future[None]] = deque()
        self.passing = False

    async def turn(self) -> None:
        """Waits for the baton. Other tasks and all input and output come before."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        self.queue.append(mine)
        if not self.passing:
            self.passing = True
            loop.call_soon(self.hand_on, loop)
        await mine

    def hand_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wakes the next that still waits (a killed guest's future is done), and comes back in the next
        round."""
        while self.queue:
            following = self.queue.popleft()
            if not following.done():
                following.set_result(None)
                break
        if self.queue:
            loop.call_soon(self.hand_on, loop)
        else:
            self.passing = False
