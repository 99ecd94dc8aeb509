"""A registry and a runner over the real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.testing.platform import Platform, opened_platform


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: modules are compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform
