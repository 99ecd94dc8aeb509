"""The supervisor: the lifecycle of the whole program, from reading the Caddyfile to the last worker's end."""

from __future__ import annotations

import asyncio
import resource
import signal
import time
from contextlib import closing, suppress

from gojinn.errors import GojinnError
from gojinn.observe import log
from gojinn.process.addresses import site_urls
from gojinn.process.admin import Admin
from gojinn.process.announce import Ready, announce
from gojinn.process.control import Control
from gojinn.process.loader import Loader
from gojinn.process.options import ServeOptions, one_a_core
from gojinn.process.pool import Pool
from gojinn.process.reload import Reloader
from gojinn.process.signals import StopRequest, handled, unless
from gojinn.process.sockets import Sockets
from gojinn.process.status import Status

OK, FAILED = 0, 1
"""Exit codes of a program that has served: stopped in good order, or not."""

logger = log.get("gojinn.supervisor")


def serve(options: ServeOptions) -> int:
    """Serves until a signal or the admin listener says to stop; returns the exit code.

    Raises ConfigError or StartError when it cannot start to serve.
    """
    import uvloop

    raise_file_limit()
    return uvloop.run(Supervisor(options).run())


def raise_file_limit() -> None:
    """Allows as many open files as the system does; every connection is one, here and in the workers."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Supervisor:
    """One run of the program."""

    def __init__(self, options: ServeOptions) -> None:
        self.options = options
        self.started = time.monotonic()
        self.stop = StopRequest()
        self.reloader: Reloader
        self.background: asyncio.TaskGroup | None = None
        """Reloads that a signal asked for, and the watching of files; there as soon as anything serves."""

    async def run(self) -> int:
        """Starts, serves and stops."""
        handlers = {signal.SIGTERM: self.stop.ask, signal.SIGINT: self.stop.ask, signal.SIGHUP: self.hang_up}
        with handled(handlers), closing(Sockets()) as sockets:
            async with Pool(self.options.workers or one_a_core(), sockets) as pool, Admin() as admin:
                return await self.live(sockets, pool, admin)

    async def live(self, sockets: Sockets, pool: Pool, admin: Admin) -> int:
        """Serves with the workers that have just been spawned."""
        loader = Loader(self.options.config, self.options.progress)
        self.reloader = reloader = Reloader(loader, sockets, pool, admin)
        admin.answer_with(Control(reloader, Status(reloader, pool, admin), self.stop))
        if await unless(self.stop.asked, reloader.start()) is None:
            return OK
        self.tell(sockets, pool, admin)
        async with asyncio.TaskGroup() as self.background:
            watching = self.background.create_task(self.watch())
            await self.stop.asked.wait()
            watching.cancel()
            await unless(self.stop.forced, reloader.finish())
        return await self.finish(pool)

    def tell(self, sockets: Sockets, pool: Pool, admin: Admin) -> None:
        """Announces that the sites answer."""
        found = site_urls(self.reloader.release.config, sockets)
        urls = tuple(dict.fromkeys(url for urls in found.values() for url in urls))
        announce(Ready(urls, admin.url, pool.size, time.monotonic() - self.started))

    async def finish(self, pool: Pool) -> int:
        """Lets the workers finish what they are at, unless that is cut short."""
        grace = self.reloader.release.config.options.grace_period
        logger.info("stopping", grace_period=grace)
        clean = await unless(self.stop.forced, pool.stop(grace))
        logger.info("stopped", clean=bool(clean))
        return OK if clean else FAILED

    def hang_up(self) -> None:
        """Reloads on SIGHUP; one that comes before anything serves is about what is being loaded anyway."""
        if self.background is not None and not self.stop.asked.is_set():
            self.background.create_task(self.reload())

    async def reload(self) -> None:
        """Reloads for somebody who reads the log."""
        with suppress(GojinnError):
            await self.reloader.reload("signal")

    async def watch(self) -> None:
        """Reloads whenever a file changes, if that is wanted."""
        if self.options.watch:
            from gojinn.process.watch import watch

            await watch(self.reloader, self.options.rebuild)
