"""A platform with a real NATS, and guests on it that do what a test writes down."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.fabric.connection import Fabric
from gojinn.fabric.node import Node
from gojinn.testing import fabric as kit
from gojinn.testing.platform import opened_platform
from gojinn.testing.script import Script


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: modules are compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def run(cache: CompileCache) -> AsyncIterator[Script]:
    """Runs scripts on a platform whose worker has a NATS."""
    async with kit.fabric() as fabric:
        services = {Fabric: fabric, Node: fabric.node}
        async with opened_platform(cache, services=services) as platform:
            yield Script(platform)
