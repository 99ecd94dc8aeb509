"""A server for tests of the edge, on the event loop that serves in production."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack
from typing import Any

import pytest
import uvloop

from gojinn.config.model import Config
from gojinn.edge.limits import Limits
from gojinn.edge.message import Handler
from gojinn.edge.server import Edge
from gojinn.testing.edge import Serve, Server, calling, written


def pytest_asyncio_loop_factories() -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Runs the tests here on the loop that serves in production."""
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(handler or Caddyfile, limits=…, **options)`: a server that ends with the test."""
    async with AsyncExitStack() as stack:

        async def start(what: Handler | str | Config, limits: Limits | None = None, **options: Any) -> Server:
            edge = Edge(limits)
            stack.push_async_callback(edge.drain, 0)
            server = Server(edge, stack)
            if isinstance(what, str):
                what = written(what)
            await server.configure(what if isinstance(what, Config) else calling(what, **options))
            return server

        yield start
