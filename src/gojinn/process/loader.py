"""Makes releases: reads a Caddyfile, compiles its modules, checks that they can serve. Serves nothing."""

from __future__ import annotations

import asyncio
import secrets
import time
from itertools import count
from pathlib import Path

from gojinn.app import GRAMMAR
from gojinn.config.load import load_config
from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.engine.cache import CompileCache, Progress
from gojinn.fabric.node import Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.modules import Modules
from gojinn.functions.prepare import prepare
from gojinn.process.folders import cache_folder
from gojinn.process.node import NodeKeeper
from gojinn.process.release import Release, certificates


class Loader:
    """Loads one Caddyfile again and again.

    `progress` is told of modules that have to be compiled; `keeper` opens the node, without one none is.
    """

    def __init__(
        self, path: Path, progress: Progress | None = None, keeper: NodeKeeper | None = None
    ) -> None:
        self.path = path
        self.progress = progress
        self.keeper = keeper
        self.numbers = count(1)
        self.secret = secrets.token_bytes(32)

    async def load(self, path: Path) -> Release:
        """Makes a release of a file. Raises ConfigError, of all functions at once."""
        begun = time.time()
        config = load_config(str(path), GRAMMAR)
        # Stamped before they are read: what changes meanwhile counts as changed at the next reload.
        stamps = certificates(config)
        # NATS starts while modules are compiled. What is wrong with these is told first.
        opening = asyncio.create_task(self.node(config))
        await asyncio.sleep(0)  # so that it begins now: where nothing is to be compiled, nothing else waits
        try:
            modules = await self.modules(config)
        except BaseException:
            opening.cancel()
            await asyncio.gather(opening, return_exceptions=True)
            raise
        return Release(next(self.numbers), config, modules, stamps, await opening, begun, self.secret)

    async def node(self, config: Config) -> Node | None:
        """Returns the node that serves this configuration; None where nothing is to be served."""
        return await self.keeper.open_for(config) if self.keeper else None

    async def modules(self, config: Config) -> Modules:
        """Makes all functions ready; without any, no cache is opened."""
        functions = list(find(config, FunctionConfig))
        if not functions:
            return Modules()
        cache = CompileCache(cache_folder(config.options))
        return await prepare(functions, cache, progress=self.progress)
