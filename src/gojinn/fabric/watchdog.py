"""Ends an embedded server that hangs, so that another one takes its place. Starting that is `server`'s."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

from gojinn.errors import GojinnError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.server import Server
from gojinn.observe.log import get

INTERVAL = 5.0
"""Seconds between two questions; each costs a fraction of a millisecond."""
TIMEOUT = 5.0
"""Seconds for an answer: far beyond what a slow disk takes."""
MISSES = 3
"""Questions in a row without an answer after which the server hangs."""

log = get("gojinn.nats")


class Watchdog:
    """Asks a server now and then whether JetStream is there, for as long as it is entered."""

    def __init__(
        self,
        fabric: Fabric,
        server: Server,
        *,
        interval: float = INTERVAL,
        timeout: float = TIMEOUT,
        misses: int = MISSES,
    ) -> None:
        self.fabric = fabric
        self.server = server
        self.interval = interval
        self.timeout = timeout
        self.misses = misses
        self.task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self.task = asyncio.create_task(self.watch(), name="watchdog of nats-server")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    async def watch(self) -> None:
        """Asks for ever."""
        missed = 0
        while True:
            await asyncio.sleep(self.interval)
            if not self.server.ready.is_set():
                missed = 0  # it is just being started, and may have a large store to read
                continue
            try:
                await self.fabric.api("INFO", timeout=self.timeout)
                missed = 0
            except GojinnError:
                missed += 1
            if missed >= self.misses:
                missed = 0
                log.error("nats-server does not answer", pid=self.server.pid, misses=self.misses)
                self.server.kill_now()
