"""A registry and a runner over the real engine."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.components import python_proxy
from gojinn.testing.platform import Platform, opened_platform


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests, also where processes share them: modules are compiled once."""
    folder = tmp_path_factory.getbasetemp()
    return CompileCache((folder.parent if "PYTEST_XDIST_WORKER" in os.environ else folder) / "cache")


@pytest.fixture
async def platform(cache: CompileCache) -> AsyncIterator[Platform]:
    async with opened_platform(cache) as platform:
        yield platform


@pytest.fixture(params=("core", "pure"))
def implementation(request: pytest.FixtureRequest) -> Implementation:
    """Both of the engine: whoever asks for this runs twice."""
    chosen: Implementation = request.param
    return chosen


@pytest.fixture
async def each_platform(cache: CompileCache, implementation: Implementation) -> AsyncIterator[Platform]:
    """One in each implementation of the engine."""
    settings = EngineSettings(slots=50, metered_slots=10, implementation=implementation)
    async with opened_platform(cache, settings) as platform:
        yield platform


@pytest.fixture(scope="session")
def proxy() -> Path:
    """The module of a handler of `wasi:http`, by componentize-py."""
    return python_proxy()
