"""Who of the preempted guests runs next: one at a time, in order, and everything else that is ready before
it.

Were each to continue as soon as the loop comes round, a request that needs three rounds (accept, read, run)
would wait for a slice of every busy guest in each of them. So the loop makes some rounds without any
between two slices; an empty round costs it some microseconds, a slice is milliseconds.
"""

from __future__ import annotations

import asyncio
from collections import deque

ROUNDS = 3
"""Rounds of the loop between two slices: what came in during one is then served before the next."""


class Baton:
    """Given to one waiting guest after the other."""

    __slots__ = ("passing", "queue")

    def __init__(self) -> None:
        self.queue: deque[asyncio.Future[None]] = deque()
        self.passing = False

    def turn(self) -> asyncio.Future[None]:
        """To be awaited for the baton. Whoever finds that the waiting is needless may set its result
        before."""
        loop = asyncio.get_running_loop()
        mine: asyncio.Future[None] = loop.create_future()
        self.queue.append(mine)
        if not self.passing:
            self.passing = True
            loop.call_soon(self.hand_on, loop, ROUNDS)
        return mine

    def hand_on(self, loop: asyncio.AbstractEventLoop, rounds: int) -> None:
        """Lets the rounds pass, wakes the next that still waits (not one that was killed or let go), begins
        again."""
        if rounds:
            loop.call_soon(self.hand_on, loop, rounds - 1)
            return
        while self.queue:
            following = self.queue.popleft()
            if not following.done():
                following.set_result(None)
                break
        if self.queue:
            loop.call_soon(self.hand_on, loop, ROUNDS)
        else:
            self.passing = False
