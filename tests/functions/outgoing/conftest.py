"""What tests of components' own requests have in common: a platform that watches over them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from gojinn.testing.outgoing import Run, told
from gojinn.testing.platform import Platform


@pytest.fixture
async def platform(each_platform: Platform) -> AsyncIterator[Platform]:
    """One of which no request outlives its invocation."""
    yield each_platform
    assert not [task for task in asyncio.all_tasks() if "Transfer.run" in repr(task.get_coro())]


@pytest.fixture
def run(platform: Platform, proxy: Path) -> Run:
    """`await run(script)` runs one and returns what it said."""
    return partial(told, platform, proxy)
