"""Keeps N workers alive and all of them on one release. How a release comes about is `reload`'s."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gojinn.edge.share import make_share, write_away
from gojinn.errors import GojinnError, StartError
from gojinn.fabric.watermarks import make_watermarks
from gojinn.observe.log import get
from gojinn.process.child import Child, WorkerGone
from gojinn.process.forking import fork_workers

if TYPE_CHECKING:
    from gojinn.edge.listeners import ListenerKey
    from gojinn.process.release import Release
    from gojinn.process.sockets import Listening, Sockets

PING_INTERVAL = 5.0
"""Seconds between two signs of life; each costs a worker some tens of microseconds."""
PING_TIMEOUT = 3.0
"""Seconds a worker may take for one, twice. Its longest stall by design is far below a second."""
STABLE = 10.0
"""Seconds of life after which an end is no longer part of a crash loop."""
FIRST_DELAY, LAST_DELAY = 0.5, 30.0
"""Seconds before the second replacement in a row, doubling up to the last. The first comes at once."""

log = get("gojinn.workers")


class Pool:
    """The workers, of which the first are forked as this is made: that must be before there is an event loop.

    Leaving kills those that `stop` has not ended in good order.
    """

    def __init__(self, size: int, sockets: Sockets) -> None:
        self.size = size
        self.sockets = sockets
        self.release: Release
        self.children: list[Child] = []
        """Those that serve, or are about to for the first time."""
        self.keepers: list[asyncio.Task[None]] = []
        self.marks = make_watermarks(size + 1)
        """Descriptor of the file in which they and the supervisor tell how far streams have been written."""
        self.share = make_share(size)
        """Descriptor of the file in which the workers tell each other how many connections they hold."""
        self.forked = fork_workers(size, self.share, self.marks)
        self.changing = asyncio.Lock()
        """Held while the release changes and while a newcomer is brought to it: never both at once."""
        self.changed = asyncio.Event()
        self.group = asyncio.TaskGroup()

    async def __aenter__(self) -> Self:
        self.children = [Child(number, each, each.control) for number, each in enumerate(self.forked)]
        await self.group.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.dismiss()
        await self.end()
        # Whatever went wrong in the block is told as it is; a group would wrap it.
        cancelled = error if isinstance(error, asyncio.CancelledError) else None
        await self.group.__aexit__(type(cancelled) if cancelled else None, cancelled, trace)

    async def start(
        self,
        release: Release,
        bound: Mapping[ListenerKey, Listening],
        meanwhile: Callable[[], Awaitable[None]],
    ) -> None:
        """Brings every worker to the first release and keeps them there. Raises what they say is wrong.

        `meanwhile` is run once they have been told.
        """
        self.release = release
        self.sockets.keep(bound)
        try:
            await every([*map(self.activate, self.children), meanwhile()])
        except WorkerGone as error:
            raise StartError(f"a worker did not start: {error}") from error
        self.keepers = [self.group.create_task(self.keep(child)) for child in self.children]

    async def replace(self, release: Release, bound: Mapping[ListenerKey, Listening]) -> None:
        """Moves all workers to another release, or none: what any of them cannot prepare is raised."""
        async with self.changing:
            children = await self.muster()
            try:
                if not children:
                    await self.try_out(release, bound)
                await every(child.prepare(release, bound) for child in children)
            except (GojinnError, WorkerGone) as error:
                await asyncio.gather(*(self.abandon(child) for child in children))
                if isinstance(error, WorkerGone):
                    raise GojinnError(f"a worker was lost while it prepared: {error}") from error
                raise
            self.release = release
            await asyncio.gather(*(self.commit(child, bound) for child in children))
            self.sockets.keep(bound)
        self.changed.set()
        self.changed.clear()

    async def muster(self) -> list[Child]:
        """Finds who can take part in a change; whoever else is among the workers is about to be replaced.

        One that hangs is killed: it would hold everybody up.
        """
        present = []
        children = list(self.children)
        signs = await asyncio.gather(*(answers(child) for child in children))
        for child, alive in zip(children, signs, strict=True):
            if not alive:
                log.error("worker does not answer", pid=child.pid, seconds=2 * PING_TIMEOUT)
                child.kill()
            elif not child.gone.is_set():
                present.append(child)
        return present

    async def try_out(self, release: Release, bound: Mapping[ListenerKey, Listening]) -> None:
        """Has a worker prepare that is there for nothing else, because all others are being replaced.

        What makes workers end may be what this release puts right, so it must not wait for one that serves.
        """
        child = await Child.spawn(0, self.share, self.marks)
        try:
            await child.prepare(release, bound)
        finally:
            await child.end()

    async def activate(self, child: Child) -> None:
        """Brings one worker to the current release."""
        await child.prepare(self.release, self.sockets.open)
        await child.commit(self.release, self.sockets.open)

    async def commit(self, child: Child, listeners: Iterable[ListenerKey]) -> None:
        """Commits in one worker. The others cannot take it back, so a worker that fails is replaced."""
        try:
            await child.commit(self.release, listeners)
        except (GojinnError, WorkerGone) as error:
            log.error("worker could not switch", pid=child.pid, error=str(error))
            child.kill()

    async def abandon(self, child: Child) -> None:
        """Takes back a preparation; a worker that does not even answer to that is replaced."""
        try:
            await child.abort()
        except (GojinnError, WorkerGone):
            child.kill()

    async def keep(self, child: Child) -> None:
        """Watches a worker and puts another in its place when it ends, for ever."""
        failures = 0
        while True:
            await self.watch(child)
            self.children.remove(child)
            await child.end()
            write_away(self.share, child.number)
            failures = 0 if child.uptime > STABLE else failures + 1
            log.warning("worker ended", pid=child.pid, reason=child.end_reason, uptime=round(child.uptime, 3))
            child, failures = await self.successor(child.number, failures)

    async def successor(self, number: int, failures: int) -> tuple[Child, int]:
        """Starts workers until one serves, with growing pauses; returns it and the failures in a row."""
        while True:
            await self.pause(failures)
            try:
                return await self.recruit(number), failures
            except (GojinnError, WorkerGone) as error:
                failures += 1
                log.error("worker did not start", error=str(error), in_a_row=failures)

    async def recruit(self, number: int) -> Child:
        """Starts one worker and brings it to the current release."""
        child = await Child.spawn(number, self.share, self.marks)
        try:
            async with self.changing:
                await self.activate(child)
                self.children.append(child)
        except BaseException:
            await child.end()
            raise
        log.info("worker started", pid=child.pid, generation=child.generation)
        return child

    async def pause(self, failures: int) -> None:
        """Waits before a replacement: not at all the first time. A new release cuts it short."""
        if failures > 1:
            delay = min(FIRST_DELAY * 2 ** (failures - 2), LAST_DELAY)
            log.warning("worker keeps ending", in_a_row=failures, next_in=delay)
            with suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self.changed.wait()

    async def watch(self, child: Child) -> None:
        """Returns when the worker has ended; kills one that shows no sign of life."""
        while not child.gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(PING_INTERVAL):
                    await child.gone.wait()
                    return
            if not self.changing.locked() and not await answers(child):
                log.error("worker does not answer", pid=child.pid, seconds=2 * PING_TIMEOUT)
                child.kill()
                await child.gone.wait()

    async def stop(self, grace: float) -> bool:
        """Ends all workers in good order; returns whether all of them ended that way."""
        await self.dismiss()
        return all(await asyncio.gather(*(child.stop(grace) for child in self.children)))

    async def end(self) -> None:
        """Kills and reaps what is left of the workers."""
        await asyncio.gather(*(child.end() for child in self.children))
        os.close(self.share)
        os.close(self.marks)

    async def dismiss(self) -> None:
        """Stops replacing workers."""
        for keeper in self.keepers:
            keeper.cancel()
        await asyncio.gather(*self.keepers, return_exceptions=True)
        self.keepers.clear()


async def answers(child: Child) -> bool:
    """Tells whether a worker is alive. Asks twice: the first miss may be due to a pause of our own."""
    for _ in range(2):
        with suppress(WorkerGone):
            await child.ping(PING_TIMEOUT)
            return True
    return child.gone.is_set()


async def every(steps: Iterable[Awaitable[None]]) -> None:
    """Waits for all of them to end, then raises the first error: what is wrong before who is gone."""
    ended = await asyncio.gather(*steps, return_exceptions=True)
    errors = [each for each in ended if isinstance(each, BaseException)]
    for error in sorted(errors, key=lambda error: isinstance(error, WorkerGone)):
        raise error
