"""What the supervisor does once its workers are there: load, serve, reload, stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from gojinn.adminapi import ADMIN
from gojinn.errors import GojinnError
from gojinn.fabric.watermarks import Watermarks
from gojinn.observe import log
from gojinn.process.addresses import site_urls
from gojinn.process.admin import Admin
from gojinn.process.announce import Ready, announce
from gojinn.process.control import Control
from gojinn.process.extension import Extension
from gojinn.process.loader import Loader
from gojinn.process.node import NodeKeeper
from gojinn.process.options import ServeOptions
from gojinn.process.pool import Pool
from gojinn.process.reload import Reloader
from gojinn.process.signals import Orders, unless
from gojinn.process.sockets import Sockets
from gojinn.process.status import Status
from gojinn.process.topology import Topology
from gojinn.process.usage import age

OK, FAILED = 0, 1
"""Exit codes of a program that has served: stopped in good order, or not."""

logger = log.get("gojinn.supervisor")


class Service:
    """One run of the program."""

    def __init__(
        self, options: ServeOptions, orders: Orders, sockets: Sockets, pool: Pool, keeper: NodeKeeper
    ) -> None:
        self.options = options
        self.orders = orders
        self.sockets = sockets
        self.pool = pool
        self.admin = Admin()
        self.keeper = keeper
        loader = Loader(options.config, options.progress, keeper)
        self.reloader = Reloader(loader, sockets, pool, self.admin)

    async def run(self) -> int:
        """Starts, serves and stops; returns the exit code. Raises ConfigError or StartError."""
        async with self.admin:
            status = Status(self.reloader, self.pool, self.admin, self.keeper)
            watermarks = Watermarks(self.pool.marks, self.pool.size)
            extension = Extension(ADMIN, self.reloader, self.keeper, watermarks)
            topology = Topology(self.reloader, status, self.keeper)
            self.admin.answer_with(Control(self.reloader, status, self.orders, extension, topology))
            if await unless(self.orders.stopping, self.reloader.start()) is None:
                return OK
            self.tell()
            await unless(self.orders.stopping, self.stay())
            return await self.finish()

    def tell(self) -> None:
        """Announces that the sites answer."""
        found = site_urls(self.reloader.release.config, self.sockets)
        urls = tuple(dict.fromkeys(url for urls in found.values() for url in urls))
        announce(Ready(urls, self.admin.url, self.pool.size, age()))

    async def stay(self) -> None:
        """Reloads whenever that is wanted, for ever."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.obey())
            if self.options.watch:
                from gojinn.process.watch import watch

                group.create_task(watch(self.reloader, self.options.rebuild))

    async def obey(self) -> None:
        """Reloads on SIGHUP. What is wrong is told by the log."""
        while True:
            await self.orders.reloading.wait()
            self.orders.reloading.clear()
            with suppress(GojinnError):
                await self.reloader.reload("signal")

    async def finish(self) -> int:
        """Lets the workers finish what they are at, unless that is cut short."""
        grace = self.reloader.release.config.options.grace_period
        logger.info("stopping", grace_period=grace)
        clean = await unless(self.orders.forced, self.stop(grace))
        logger.info("stopped", clean=bool(clean))
        return OK if clean else FAILED

    async def stop(self, grace: float) -> bool:
        """Ends the workers, after a reload that is under way."""
        await self.reloader.finish()
        return await self.pool.stop(grace)
