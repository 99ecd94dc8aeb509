"""How many invocations of one function run at once, and in which order the others wait. Knows no guests."""

from __future__ import annotations

import asyncio
from collections import deque

from gojinn.errors import Unavailable


class Gate:
    """Lets `size` in at once; more wait in order of arrival.

    Enter by `busy += 1` where `busy` is less than `size`, else by `await enter(timeout)`. Whoever entered has
    to leave: by `busy -= 1` where nobody is `waiting`, else by `leave()`.
    """

    __slots__ = ("busy", "size", "waiting")

    def __init__(self, size: int) -> None:
        self.size = size
        self.busy = 0
        """How many are in. Below `size`, nobody waits."""
        self.waiting: deque[asyncio.Future[None]] = deque()
        """Those who wait, and some who gave up."""

    async def enter(self, timeout: float) -> None:
        """Waits for a place. Raises Unavailable when none was given for `timeout` seconds."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append(turn)
        entered = False
        try:
            async with asyncio.timeout(timeout):
                await turn
            entered = True
        except TimeoutError as error:
            message = f"all {self.size} sandboxes of this function were busy for {timeout:g} s"
            raise Unavailable(message, hint="try again later") from error
        finally:
            if not entered:
                self.give_up(turn)

    def give_up(self, turn: asyncio.Future[None]) -> None:
        """Forgets one that waited; a place that it was given in the last moment goes to the next."""
        if turn.done() and not turn.cancelled():
            self.leave()
        turn.cancel()
        while self.waiting and self.waiting[0].done():
            self.waiting.popleft()

    def leave(self) -> None:
        """Gives a place back, to whoever waits longest."""
        while self.waiting:
            turn = self.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self.busy -= 1
