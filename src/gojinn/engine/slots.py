"""The limit on guests that live at once: a counting lock that is fair and costs two additions when nobody
waits."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from gojinn.errors import Unavailable


class Slots:
    """A fixed number of places. Take one by `free -= 1` where `free` is not 0, else by `await
    wait(timeout)`."""

    __slots__ = ("count", "free", "queue")

    def __init__(self, count: int) -> None:
        self.count = count
        self.free = count
        """Places nobody holds; always 0 while somebody waits."""
        self.queue: deque[asyncio.Future[None]] = deque()

    async def take(self, timeout: float) -> None:
        """Takes a place: a free one, or the one that somebody gives back, in order of arrival.

        Raises Unavailable when none comes within `timeout` seconds.
        """
        if self.free:
            self.free -= 1
            return
        place: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.queue.append(place)
        try:
            async with asyncio.timeout(timeout):
                await place
        except BaseException as error:
            self.withdraw(place)
            if isinstance(error, TimeoutError):
                raise Unavailable(
                    f"all {self.count} places for running functions are taken",
                    hint="try again later",
                ) from error
            raise

    def withdraw(self, place: asyncio.Future[None]) -> None:
        """Leaves the queue. The place may have been handed over in the same moment: then it goes on."""
        if place.done() and not place.cancelled():
            self.give_back()
        place.cancel()
        while self.queue and self.queue[0].done():
            self.queue.popleft()

    def give_back(self) -> None:
        """Hands the place to the longest waiting, or frees it."""
        while self.queue:
            place = self.queue.popleft()
            if not place.done():
                place.set_result(None)
                return
        self.free += 1

    def waiting(self) -> int:
        return sum(not place.done() for place in self.queue)


def give_back(places: Iterable[Slots]) -> None:
    """Gives places back, mostly without anybody waiting for one."""
    for slots in places:
        if slots.queue:
            slots.give_back()
        else:
            slots.free += 1
