"""Connections to a database server, shared by all functions of a worker. What they speak is elsewhere.

Nothing is open until somebody asks. Who waits does so in order, and no tenant holds more than its share.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Generic, Protocol, TypeVar

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Bounds

STALE = 1.0
"""Seconds without use after which a connection is asked whether it still lives."""

IDLE = 60.0
"""Seconds without use after which a connection is closed."""

CONNECTING = 10.0
"""Seconds that connecting may take."""


class Link(Protocol):
    """A connection to a server."""

    async def alive(self) -> bool:
        """Asks the server whether it is still there."""

    @property
    def clean(self) -> bool:
        """Whether somebody else can go on with it: open, and without a transaction."""

    async def close(self) -> None:
        """Closes it, however it is."""


L = TypeVar("L", bound=Link)


class Pool(Generic[L]):
    """At most `size` connections, of which one tenant has at most `share`."""

    def __init__(
        self, connect: Callable[[], Awaitable[L]], size: int, share: int = 0, idle: float = IDLE
    ) -> None:
        self.connect = connect
        self.size = size
        self.share = share or size
        self.longest = idle
        """Seconds without use after which a connection is closed."""
        self.taken = 0
        """Connections that are lent, or about to be."""
        self.tenants: Counter[str] = Counter()
        """Those of each tenant."""
        self.idle: deque[tuple[L, float]] = deque()
        """Those that nobody uses and since when, the last used on the right."""
        self.waiting: deque[tuple[str, asyncio.Future[None]]] = deque()
        self.sweeping: asyncio.TimerHandle | None = None
        self.closing: set[asyncio.Task[None]] = set()

    def take_now(self, tenant: str) -> L | None:
        """Takes the connection that was used last, if it was used just now and nobody has to wait for it."""
        if self.waiting or not self.idle or not self.has_room(tenant):
            return None
        link, since = self.idle[-1]
        if not link.clean or monotonic() - since >= STALE:
            return None
        self.idle.pop()
        self.count(tenant)
        return link

    async def take(self, bounds: Bounds, *, fresh: bool = False) -> L:
        """Takes a connection, which the caller gives back; a `fresh` one was never used. Raises SqlError."""
        await self.enter(bounds)
        try:
            return await self.find(bounds, fresh=fresh)
        except BaseException:
            self.leave(bounds.tenant)
            raise

    async def enter(self, bounds: Bounds) -> None:
        """Waits for a place. Raises SqlError."""
        tenant = bounds.tenant
        if not self.waiting and self.has_room(tenant):
            self.count(tenant)
            return
        turn = asyncio.get_running_loop().create_future()
        entry = (tenant, turn)
        self.waiting.append(entry)
        self.wake()
        try:
            async with asyncio.timeout(max(0.0, min(bounds.deadline - monotonic(), 3600.0))):
                await turn
        except TimeoutError:
            raise SqlError("busy", f"all {self.size} connections to the database are in use") from None
        finally:
            if entry in self.waiting:
                self.waiting.remove(entry)
            elif turn.cancelled():
                # It was given a place as it stopped waiting.
                self.leave(tenant)

    def has_room(self, tenant: str) -> bool:
        """Whether a tenant may have one more."""
        return self.taken < self.size and self.tenants[tenant] < self.share

    def count(self, tenant: str) -> None:
        self.taken += 1
        self.tenants[tenant] += 1

    def leave(self, tenant: str) -> None:
        """Gives a place back."""
        self.taken -= 1
        self.tenants[tenant] -= 1
        if not self.tenants[tenant]:
            del self.tenants[tenant]
        self.wake()

    def wake(self) -> None:
        """Gives places to those that have waited longest and may have one."""
        for entry in list(self.waiting):
            tenant, turn = entry
            if self.taken >= self.size:
                return
            if not turn.done() and self.has_room(tenant):
                self.waiting.remove(entry)
                self.count(tenant)
                turn.set_result(None)

    async def find(self, bounds: Bounds, *, fresh: bool) -> L:
        """Finds an idle connection that lives, or opens one. Raises SqlError."""
        if fresh:
            self.drop_idle()
        while self.idle:
            link, since = self.idle.pop()
            if link.clean and (monotonic() - since < STALE or await self.lives(link)):
                return link
            self.close_later(link)
        left = min(CONNECTING, max(0.001, bounds.deadline - monotonic()))
        try:
            async with asyncio.timeout(left):
                return await self.connect()
        except TimeoutError:
            raise SqlError("unavailable", "the database did not answer in time") from None

    async def lives(self, link: L) -> bool:
        """Asks a connection whether it lives; one that is cancelled meanwhile is closed."""
        try:
            return await link.alive()
        except BaseException:
            self.close_later(link)
            raise

    def give(self, link: L, tenant: str) -> None:
        """Takes a connection back; one that is not clean is closed."""
        if link.clean:
            self.idle.append((link, monotonic()))
            if self.sweeping is None:
                self.sweeping = asyncio.get_running_loop().call_later(self.longest, self.sweep)
        else:
            self.close_later(link)
        self.leave(tenant)

    def sweep(self) -> None:
        """Closes connections that nobody has used for long."""
        self.sweeping = None
        limit = monotonic() - self.longest
        while self.idle and self.idle[0][1] < limit:
            self.close_later(self.idle.popleft()[0])
        if self.idle:
            self.sweeping = asyncio.get_running_loop().call_later(self.longest, self.sweep)

    def drop_idle(self) -> None:
        """Closes all that nobody uses: where one has broken off the others have too."""
        while self.idle:
            self.close_later(self.idle.pop()[0])

    def close_later(self, link: L) -> None:
        """Closes a connection without waiting for that."""
        task = asyncio.ensure_future(link.close())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    async def close(self) -> None:
        """Closes all connections that nobody uses, and waits for those that close."""
        if self.sweeping is not None:
            self.sweeping.cancel()
            self.sweeping = None
        self.drop_idle()
        if self.closing:
            await asyncio.wait(self.closing)
