"""The functions of a process: shared between routes, loaded when called, dropped when idle. Runs none."""

from __future__ import annotations

import asyncio
import dataclasses
import os
from collections.abc import Container, Mapping
from contextlib import suppress
from itertools import chain, count
from types import TracebackType

from gojinn.capabilities.host import Host
from gojinn.capabilities.imports import MODULE, OWNERS
from gojinn.engine.cache import CompileCache
from gojinn.engine.components.worlds import entry_of
from gojinn.engine.driver import Engine
from gojinn.engine.freeze import MARK
from gojinn.engine.lanes import Program
from gojinn.engine.source import read_source
from gojinn.errors import ModuleError
from gojinn.functions.check import fault
from gojinn.functions.components import COMPONENT_FUNCTIONS
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve
from gojinn.functions.function import Function
from gojinn.functions.modules import Modules
from gojinn.functions.mqtt import MqttOptions
from gojinn.observe.log import get

MOST_LOADED = 500
"""Programs that one process keeps loaded. Each maps its code, and the kernel limits mappings."""

IDLE = 300.0
"""Seconds after which a program that nobody called is dropped; it may take twice that."""

NO_MQTT = MqttOptions()

Key = tuple[FunctionConfig, str]
"""Settings and the digest of the module's content: what makes two routes share a function."""


class FunctionRegistry:
    """Owns the functions of one process and their programs."""

    def __init__(
        self,
        engine: Engine,
        cache: CompileCache,
        host: Host,
        *,
        tenants: str = "",
        environ: Mapping[str, str] = os.environ,
        most_loaded: int = MOST_LOADED,
        idle: float = IDLE,
    ) -> None:
        self.engine = engine
        self.cache = cache
        self.host = host
        self.tenants = tenants
        """The folder of the tenants' mounts; empty where there is no data directory."""
        self.environ = environ
        self.most_loaded = most_loaded
        self.idle = idle
        self.functions: dict[Key, Function] = {}
        self.loaded: dict[Function, Program] = {}
        self.sweeping: asyncio.TimerHandle | None = None
        self.log = get("gojinn.functions")

    def binding(self, config: FunctionConfig, modules: Modules) -> Binding:
        """Makes what a route holds its function with; entering it binds."""
        return Binding(self, config, modules)

    def bind(self, config: FunctionConfig, modules: Modules) -> Function:
        """Finds or makes the function for a configuration. Each bind has its `release`. Raises ModuleError.

        What is bound keeps running that module, even when its file changes later.
        """
        if config.api_keys or config.debug_secret or config.crons or config.mqtt != NO_MQTT:
            config = dataclasses.replace(config, api_keys=(), debug_secret=None, crons=(), mqtt=NO_MQTT)
        settings = resolve(config, self.environ)
        compiled = modules.find(settings)
        if compiled is None:
            raise fault(settings, "is not compiled")
        key = (settings, compiled.sha256)
        function = self.functions.get(key)
        if function is None:
            function = self.functions[key] = Function(settings, compiled)
            self.host.bound(function.settings)
        function.bindings += 1
        return function

    def release(self, function: Function) -> None:
        """Gives a function back; the last one to do so ends it."""
        function.bindings -= 1
        if function.bindings == 0:
            del self.functions[(function.config, function.compiled.sha256)]
            self.unload(function)

    async def load(self, function: Function) -> Program:
        """Loads a function's program, unless somebody has meanwhile. Raises ModuleError."""
        async with function.loading:
            if function.program is not None:
                return function.program
            program = await self.cache.load(function.compiled, lambda path: self.link(function, path))
            self.keep(function, program)
            return program

    def link(self, function: Function, path: str) -> Program:
        """Makes a program of native code. Raises ModuleError."""
        config, info = function.config, function.compiled.info
        spec = config.spec(self.tenants)
        if info.component:
            entry = entry_of((name for name, _ in info.exports), (each.module for each in info.imports))
            if entry is None:
                raise fault(config, "exports nothing that this host could call")
            sender = self.host.sender
            return self.engine.load_component(path, entry, spec, COMPONENT_FUNCTIONS, sender)
        return self.engine.load(path, spec, self.host.functions(config.permissions.granted()))

    def keep(self, function: Function, program: Program) -> None:
        """Takes a loaded program in."""
        while len(self.loaded) >= self.most_loaded and self.make_room():
            pass
        self.loaded[function] = function.program = program
        self.warn_of_unserved(function)
        self.warn_of_unseen(function)
        if self.sweeping is None:
            self.sweeping = asyncio.get_running_loop().call_later(self.idle, self.sweep)

    def warn_of_unserved(self, function: Function) -> None:
        """Logs which capabilities of a function will only answer their failure."""
        wanted = [OWNERS[i.name] for i in function.compiled.info.imports if i.module == MODULE]
        for word in sorted({capability.word for capability in wanted if not self.host.serves(capability)}):
            self.log.warning("capability not served, its calls fail", capability=word, function=function.name)

    def warn_of_unseen(self, function: Function) -> None:
        """Logs that a function does not see its mounts: its interpreter looked for some when it was built."""
        with suppress(ModuleError):  # the file may be gone by now
            if function.config.mounts and MARK in read_source(function.config.module).data:
                hint = "remove 'mount' from its block, and use objects or keys"
                self.log.warning(
                    "functions of this language see no mounts", hint=hint, function=function.name
                )

    def unload(self, function: Function) -> None:
        """Drops a function's program; invocations that still run keep what they need."""
        program = self.loaded.pop(function, None)
        function.program = None
        if program is not None:
            program.close()

    def make_room(self) -> bool:
        """Drops the longest loaded program that was not called lately, else the longest loaded of all.

        One that is in use stays: somebody is about to run it. False when that is true of all.
        """
        idle = [function for function in self.loaded if not function.gate.busy]
        oldest = next((function for function in idle if not function.fresh), idle[0] if idle else None)
        if oldest is not None:
            self.unload(oldest)
        return oldest is not None

    def sweep(self) -> None:
        """Drops the programs that nobody called since the last time; comes again while there are others."""
        for function in [f for f in self.loaded if not f.fresh and not f.gate.busy]:
            self.unload(function)
        for function in self.loaded:
            function.fresh = False
        self.sweeping = None
        if self.loaded:
            self.sweeping = asyncio.get_running_loop().call_later(self.idle, self.sweep)

    def report(self) -> dict[str, object]:
        """What the functions have used that were called, by their module's path, for `gojinn status`."""
        figures: dict[str, object] = {}
        for function in self.functions.values():
            if "usage" in vars(function):
                figures[distinct(function.config.module, figures)] = function.usage.report()
        return {"loaded": len(self.loaded), "functions": figures}

    def close(self) -> None:
        """Drops all programs."""
        if self.sweeping is not None:
            self.sweeping.cancel()
            self.sweeping = None
        for function in list(self.loaded):
            self.unload(function)


def distinct(name: str, taken: Container[str]) -> str:
    """Returns a name, numbered when it is taken: one module may serve with several settings."""
    names = chain([name], (f"{name} ({number})" for number in count(2)))
    return next(each for each in names if each not in taken)


class Binding:
    """Holds a function for as long as it is entered: one of a generation's resources."""

    __slots__ = ("config", "function", "modules", "registry")

    def __init__(self, registry: FunctionRegistry, config: FunctionConfig, modules: Modules) -> None:
        self.registry = registry
        self.config = config
        self.modules = modules
        self.function: Function | None = None

    async def __aenter__(self) -> Function:
        self.function = self.registry.bind(self.config, self.modules)
        return self.function

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.function is not None:
            self.registry.release(self.function)
            self.function = None
