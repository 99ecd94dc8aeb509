"""A router in office, and when its last request is over. Where it routes to is `site`'s business."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gojinn.config.model import Config
from gojinn.edge.message import Request, Response
from gojinn.edge.proxies import Proxies

Router = Callable[[Request], Awaitable[Response]]


class Tenure:
    """One configuration as the server uses it; a reload puts another one in its place."""

    __slots__ = ("_idle", "active", "proxies", "router")

    def __init__(self, router: Router, config: Config) -> None:
        self.router = router
        self.proxies = Proxies(config.options.trusted_proxies) if config.options.trusted_proxies else None
        """None when no proxy is trusted."""
        self.active = 0
        """Requests that it is answering."""
        self._idle: asyncio.Event | None = None

    def leave(self) -> None:
        """Takes note that one of its requests is over."""
        self.active -= 1
        if self._idle is not None and self.active == 0:
            self._idle.set()

    async def idle(self) -> None:
        """Returns when none of its requests is left. To be awaited when it is out of service."""
        if self.active:
            self._idle = self._idle or asyncio.Event()
            await self._idle.wait()
