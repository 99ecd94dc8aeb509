"""Upstreams that end with the test."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from gojinn.testing.upstream import Talk, Upstream

Start = Callable[..., Awaitable[Upstream]]


@pytest.fixture
async def upstream() -> AsyncIterator[Start]:
    """`await upstream(talk, path=…, tls=…)`: a server that talks as it is told."""
    async with AsyncExitStack() as stack:

        async def start(talk: Talk, **options: Any) -> Upstream:
            return await stack.enter_async_context(Upstream(talk, **options))

        yield start
