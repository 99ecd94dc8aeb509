"""A registry and a runner over the real engine."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings
from gojinn.testing.components import python_proxy
from gojinn.testing.platform import Platform, opened_platform


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: modules are compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform


@pytest.fixture(params=("core", "pure"))
async def each_platform(cache: CompileCache, request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    """One in each implementation of the engine: whoever asks for this runs twice."""
    settings = EngineSettings(slots=50, metered_slots=10, implementation=request.param)
    async with opened_platform(cache, settings) as platform:
        yield platform


@pytest.fixture(scope="session")
def proxy() -> Path:
    """The module of a handler of `wasi:http`, by componentize-py."""
    return python_proxy()
