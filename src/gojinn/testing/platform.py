"""What a worker has to run functions with, in the test's own process. A whole server is `app`'s."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from gojinn.capabilities.capability import Capability, Services
from gojinn.capabilities.host import host_opened
from gojinn.capabilities.imports import CAPABILITIES
from gojinn.engine.cache import CompileCache
from gojinn.engine.driver import Engine
from gojinn.engine.settings import EngineSettings
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.modules import Modules
from gojinn.functions.prepare import prepare
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner


@dataclass(frozen=True, slots=True)
class Platform:
    """An engine with the functions that run on it."""

    engine: Engine
    cache: CompileCache
    registry: FunctionRegistry
    runner: Runner

    async def modules(self, *configs: FunctionConfig) -> Modules:
        """Compiles and checks functions. Raises ConfigError."""
        return await prepare(configs, self.cache)

    async def function(self, config: FunctionConfig) -> Function:
        """Prepares and binds a function; it stays until the registry ends."""
        return self.registry.bind(config, await self.modules(config))

    async def running(self, count: int) -> None:
        """Returns when that many guests have begun and not ended."""
        async with asyncio.timeout(10):
            while self.engine.stats().live < count:  # noqa: ASYNC110  (guests begin without a word)
                await asyncio.sleep(0)


@asynccontextmanager
async def opened_platform(
    cache: CompileCache,
    settings: EngineSettings | None = None,
    services: Services | None = None,
    capabilities: Sequence[Capability] = CAPABILITIES,
) -> AsyncIterator[Platform]:
    """Opens an engine for a test, and the capabilities that these services allow. Leaving fails when a guest
    is left."""
    async with host_opened(services or {}, capabilities) as host:
        engine = Engine(settings or EngineSettings(slots=50, metered_slots=10))
        registry = FunctionRegistry(engine, cache, host)
        yield Platform(engine, cache, registry, Runner(engine, registry))
        assert engine.stats().live == 0, "a guest outlived its invocation"
        registry.close()
        engine.close()
