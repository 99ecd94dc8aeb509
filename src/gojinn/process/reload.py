"""Moves the running program from one configuration to the next, in two phases. What asks for it is elsewhere.

First everything that may fail: reading, validating, compiling, binding new addresses, building the
generation in every worker. Then the switch. A failure before it leaves the old one serving, and is raised.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gojinn.config.node import NodeOptions, agreed
from gojinn.config.walk import names
from gojinn.errors import ConfigError, GojinnError
from gojinn.observe.log import get
from gojinn.process.admin import Admin
from gojinn.process.journal import set_up_log
from gojinn.process.loader import Loader
from gojinn.process.node import introduce
from gojinn.process.patching import Patch, patched
from gojinn.process.pool import Pool
from gojinn.process.release import Release
from gojinn.process.sockets import Sockets
from gojinn.triggers.mqtt.config import listener

log = get("gojinn.reload")


FIXED = ("cache_dir", "engine", "max_sandboxes")
"""Options that workers take when they start, and keep."""


def warn_of_fixed(before: Release, now: Release) -> None:
    """Tells of changed options that this reload does not carry out."""
    for name in changed_fixed(before, now):
        log.warning("option takes effect at the next start", option=name)


def changed_fixed(before: Release, now: Release) -> Iterator[str]:
    """Yields the options that are others now and were taken at the start, or when the node was opened."""
    old, new = before.config.options, now.config.options
    yield from (name for name in FIXED if getattr(old, name) != getattr(new, name))
    if before.node is not None:
        kept, wanted = agreed(before.config)[0], agreed(now.config)[0]
        yield from (name for name in names(NodeOptions) or () if getattr(kept, name) != getattr(wanted, name))
        if old.nats != new.nats:
            yield "nats"
        if listener(before.config) != listener(now.config):
            yield "mqtt"


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What a reload has come to."""

    generation: int
    """Number of the one that serves now."""
    changed: bool
    """False when everything was as before, so that nothing was done."""
    seconds: float


class Reloader:
    """Owns the release that serves. One reload runs at a time; others wait for their turn."""

    def __init__(self, loader: Loader, sockets: Sockets, pool: Pool, admin: Admin) -> None:
        self.loader = loader
        self.sockets = sockets
        self.pool = pool
        self.admin = admin
        self.release: Release
        self.serving = False
        """Whether the first release serves."""
        self.turn = asyncio.Lock()
        self.running: set[asyncio.Task[Reloaded]] = set()
        self.followers: list[Callable[[Release], None]] = []
        """Told of each new release."""

    async def start(self) -> Release:
        """Loads the first release and serves it. Raises ConfigError, or StartError."""
        self.release = await self.loader.load(self.loader.path)
        set_up_log(self.release.config.options)
        bound = self.sockets.bind(self.release.listeners)
        admin = self.admin.bind(self.release.config.options.admin)
        await self.pool.start(self.release, bound, self.introduce)
        await self.admin.serve(admin)
        self.serving = True
        return self.release

    async def introduce(self) -> None:
        """Tells of the node. The first line of the log imports what writes it: the workers take longer."""
        if self.release.node is not None:
            introduce(self.release.node)

    async def reload(self, trigger: str, path: Path | None = None) -> Reloaded:
        """Serves the configuration as its file says now, or as another file says. Raises what is wrong.

        Cancellation: what has begun is carried through, so that workers never differ.
        """
        return await self.shielded(self.carry_out(trigger, lambda: self.load(path)))

    async def patch(self, trigger: str, patch: Patch) -> Reloaded:
        """Changes variables of a function until the next reload. Raises BadRequest or NotFound.

        Cancellation: like that of a reload.
        """
        return await self.shielded(self.carry_out(trigger, lambda: self.patched(patch)))

    async def shielded(self, work: Coroutine[Any, Any, Reloaded]) -> Reloaded:
        """Carries work through, whatever becomes of who asked for it."""
        task = asyncio.create_task(work)
        self.running.add(task)
        task.add_done_callback(self.forget)
        return await asyncio.shield(task)

    async def load(self, path: Path | None) -> Release:
        """Loads the release of a file, which is the one to load from then on if it is to serve."""
        return await self.loader.load(path or self.loader.path)

    async def patched(self, patch: Patch) -> Release:
        """Makes a release of the one that serves."""
        config = patched(self.release.config, patch)
        return replace(self.release, number=next(self.loader.numbers), config=config)

    async def carry_out(self, trigger: str, make: Callable[[], Awaitable[Release]]) -> Reloaded:
        """Does one reload when its turn comes, and logs how it ended."""
        async with self.turn:
            start = time.monotonic()
            try:
                changed = await self.switch(await make())
            except GojinnError as error:
                report = error.render() if isinstance(error, ConfigError) else str(error)
                log.error("reload failed", trigger=trigger, generation=self.release.number, error=report)
                raise
            done = Reloaded(self.release.number, changed, round(time.monotonic() - start, 3))
        log.info("reloaded", trigger=trigger, generation=done.generation, changed=changed, took=done.seconds)
        return done

    async def switch(self, release: Release) -> bool:
        """Moves everything to a release, unless it is like the one that serves."""
        if release.same_as(self.release):
            return False
        with ExitStack() as undo:
            bound = self.sockets.bind(release.listeners)
            undo.callback(self.sockets.drop, bound)
            admin = self.admin.bind(release.config.options.admin)
            undo.callback(self.admin.drop, admin)
            await self.pool.replace(release, bound)
            undo.pop_all()
        warn_of_fixed(self.release, release)
        if self.release.node is None and release.node is not None:
            introduce(release.node)
        self.release, self.loader.path = release, Path(release.config.files[0])
        set_up_log(release.config.options)
        await self.admin.serve(admin)
        for tell in self.followers:
            tell(release)
        return True

    def forget(self, task: asyncio.Task[Reloaded]) -> None:
        """Takes note of the end of a reload. Its error is in the log; nobody else may be left to hear it."""
        self.running.discard(task)
        task.exception()

    async def finish(self) -> None:
        """Waits until no reload is under way."""
        await asyncio.gather(*self.running, return_exceptions=True)
