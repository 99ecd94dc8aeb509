"""Servers that answer what a test says, and guests that ask them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from aiohttp import web

from gojinn.capabilities.http.config import HttpConfig
from gojinn.engine.cache import CompileCache
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.permissions import Permissions
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform, opened_platform
from gojinn.testing.script import Answers, Script

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Asking:
    """Guests of functions that may ask some hosts."""

    platform: Platform

    async def function(self, *hosts: str) -> Function:
        every, allowed = Permissions.everything(), HttpConfig(allow_host=hosts)
        config = FunctionConfig(str(guest("script")), permissions=every, http=allowed)
        return await self.platform.function(config)

    async def script(self, *hosts: str) -> Script:
        return Script(self.platform, await self.function(*hosts))

    async def fetch(self, url: str, *hosts: str, **request: Any) -> Any:
        """What `http.fetch` answers a function that may ask these hosts, loopback unless others are given."""
        script = await self.script(*(hosts or ("127.0.0.1",)))
        return (await script(("call", "http.fetch", {"url": url, **request}))).json[0]

    async def get(self, url: str, *hosts: str, limit: int = 1000) -> Answers:
        """What `host_http_get` gives."""
        return await (await self.script(*(hosts or ("127.0.0.1",))))(("http_get", url, limit))


@pytest.fixture
async def asking(cache: CompileCache) -> AsyncIterator[Asking]:
    async with opened_platform(cache) as platform:
        yield Asking(platform)


@asynccontextmanager
async def serving(handler: Handler, **options: Any) -> AsyncIterator[str]:
    """Serves every path by one handler; gives the address."""
    runner = web.ServerRunner(web.Server(handler, handler_cancellation=True), handle_signals=False)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, **options)
    await site.start()
    scheme = "https" if "ssl_context" in options else "http"
    try:
        yield f"{scheme}://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()
