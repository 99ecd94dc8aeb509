"""Runs one module offline, in an engine of its own, for `invoke` and `bench`. Prints nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, NoReturn

from gojinn.capabilities.capability import Caller, Operation, OperationError
from gojinn.capabilities.host import host_opened
from gojinn.capabilities.imports import CAPABILITIES
from gojinn.cli.progress import compiling
from gojinn.config.model import Options
from gojinn.edge.trace import begin
from gojinn.engine.cache import CompileCache, Compiled
from gojinn.engine.components.worlds import World, entry_of, unserved
from gojinn.engine.driver import Engine
from gojinn.engine.inspect import ModuleInfo
from gojinn.engine.lanes import Program
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.outcome import Outcome
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.engine.wasi import MODULE
from gojinn.errors import ModuleError
from gojinn.functions.asked import asked
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import header_table
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.lines import DEFAULT_TENANT
from gojinn.functions.prepare import prepare
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.process.folders import cache_folder

SLOTS = 2
"""Guests at once: one runs, and its successor may start before the last one is gone."""
STDIN_READERS = ("fd_read", "poll_oneoff")
"""Functions of preview 1 that tell what is on standard input."""
STDIN = "wasi:cli/stdin@"
"""The same of components."""


class Offline(Mapping[str, Operation]):
    """The operations of a host with nothing behind it: those that need none, and what to say of others."""

    def __init__(self, served: Mapping[str, Operation]) -> None:
        self.served = served
        self.words = {each.word for each in CAPABILITIES if each.needs}

    def __getitem__(self, name: str) -> Operation:
        if name not in self.served and name.partition(".")[0] in self.words:
            return unavailable
        return self.served[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.served)

    def __len__(self) -> int:
        return len(self.served)


def unavailable(caller: Caller, request: Any) -> NoReturn:
    """Says that there is no server to keep anything."""
    what = "there is no server behind this run, serve the function by 'gojinn up'"
    raise OperationError("unavailable", what)


@contextmanager
def engine_opened(implementation: Implementation | None) -> Iterator[Engine]:
    """Opens a small engine."""
    engine = Engine(EngineSettings(slots=SLOTS, metered_slots=SLOTS, implementation=implementation))
    try:
        yield engine
    finally:
        engine.close()


@asynccontextmanager
async def function_opened(
    config: FunctionConfig, implementation: Implementation | None = None
) -> AsyncIterator[tuple[Runner, Function]]:
    """Makes a function ready to be run, exactly as a server does. Raises ConfigError when it cannot be."""
    cache = CompileCache(cache_folder(Options()))
    with compiling() as progress:
        modules = await prepare([config], cache, progress=progress)
    async with host_opened({}) as host:
        host.operations = Offline(host.operations)
        with engine_opened(implementation) as engine:
            registry = FunctionRegistry(engine, cache, host)
            try:
                async with registry.binding(config, modules) as function:
                    yield Runner(engine, registry), function
            finally:
                registry.close()


async def compile_program(module: str, *, metered: bool) -> Compiled:
    """Makes the native code of a plain WASI program. Raises ModuleError."""
    cache = CompileCache(cache_folder(Options()))
    with compiling() as progress:
        return (await cache.compile([module], metered={module} if metered else set(), progress=progress))[
            module
        ]


def looks_at_stdin(info: ModuleInfo) -> bool:
    """Whether a program can tell what is on its standard input."""
    return any(
        entry.module.startswith(STDIN) or (entry.module == MODULE and entry.name in STDIN_READERS)
        for entry in info.imports
    )


async def run_program(
    compiled: Compiled,
    spec: ProgramSpec,
    stdin: bytes,
    *,
    timeout: float,
    implementation: Implementation | None,
) -> Outcome:
    """Runs a plain WASI program once: a module, or a component that exports `wasi:cli/run`."""
    cache = CompileCache(cache_folder(Options()))
    with engine_opened(implementation) as engine:
        program = await cache.load(compiled, lambda path: linked(engine, compiled, spec, path))
        try:
            return await engine.invoke(program, stdin, timeout=timeout)
        finally:
            program.close()


def linked(engine: Engine, compiled: Compiled, spec: ProgramSpec, path: str) -> Program:
    """Makes a program of native code, without any host functions. Raises ModuleError."""
    info = compiled.info
    if not info.component:
        return engine.load(path, spec)
    entry = entry_of((name for name, _ in info.exports), (each.module for each in info.imports))
    if entry is None:
        what, hint = unserved(name for name, _ in info.exports)
        raise ModuleError(f"module '{compiled.source}' {what}", hint=hint)
    if entry.world is not World.COMMAND:
        what = f"module '{compiled.source}' is a component that exports no '{World.COMMAND.value}'"
        raise ModuleError(what, hint="leave '--raw' out")
    return engine.load_component(path, entry, spec)


def invocation(
    function: Function, method: str, uri: str, headers: Sequence[tuple[str, str]], body: bytes
) -> Invocation:
    """Makes the invocation that an HTTP request from this machine would have made. That has a `Host`."""
    trace = begin(None).traceparent
    if not any(name.lower() == "host" for name, _ in headers):
        headers = [("Host", "localhost"), *headers]
    table = header_table((name.encode(), value.encode()) for name, value in headers)
    return asked(
        function,
        method,
        uri,
        table,
        body,
        trace=trace,
        tenant=DEFAULT_TENANT,
        client_ip="127.0.0.1",
        trigger="http",
    )
