"""Runs a module's preparation once, at build time, and makes a module of it that begins after it. How such
a module is written is `freeze`'s.

The module prepares itself in an exported function, which gets its input on stdin. Nothing of this machine
is there for it: no files, no environment, no host but a log.
"""

from __future__ import annotations

import ctypes
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import wasmtime

from gojinn.engine.capi import capi
from gojinn.engine.freeze import Frozen, frozen, with_exported_globals
from gojinn.engine.inspect import INITIALIZE, START, Malformed, check_preamble, inspect_module
from gojinn.engine.prepared import compiled
from gojinn.errors import BuildError, ModuleError

HOST = "gojinn"
MAX_STACK = 16 << 20
"""Bytes; more than a request may use, because parsers recurse over what they load."""
ERROR = 3
"""The level of a message that is an error."""


STACK_SIZE = threading.Lock()
"""Held while the size for new threads, of which there is one for the process, is another."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Preparation:
    """How a module prepares itself."""

    init: str
    """The exported function that does it; it is not exported any more afterwards."""
    stdin: bytes = b""
    seconds: float = 20.0
    memory: int = 512 << 20
    """Bytes of memory it may take."""
    resume: str = START
    """The exported function that goes on from there: it becomes `_start`, which stays where it is missing."""
    random: bool = True
    """Whether it may ask for random numbers: it sees to it that no sandbox uses what it has drawn then."""
    alike: bool = False
    """Whether other snapshots of the same module are made, too: then they share what is no memory."""


@dataclass(slots=True)
class Messages:
    """What the module logged while it prepared itself."""

    entries: list[tuple[int, str]] = field(default_factory=list)
    """Level, 0 for debug to 3 for an error, and text."""

    def text(self, least: int = 0) -> str:
        return "\n".join(text for level, text in self.entries if level >= least)


def snapshot(data: bytes, name: str, preparation: Preparation) -> tuple[bytes, Messages]:
    """The module as it is after its preparation, and what was logged.

    Raises BuildError when the preparation fails or takes too long, or for a module that cannot be
    snapshotted; ModuleError for what is no module.
    """
    check_preamble(data, name)
    messages = Messages()
    try:
        instrumented, names = with_exported_globals(data)
        memory, values = on_large_stack(lambda: run(instrumented, names, preparation, messages))
        start = resumed(instrumented, name, preparation.resume)
        without = {INITIALIZE, preparation.init}
        return frozen(data, memory, values, without, start, alike=preparation.alike), messages
    except Frozen as error:
        raise BuildError(f"module '{name}' cannot be snapshotted: {error}") from error
    except Malformed as error:
        raise ModuleError(f"module '{name}' is broken: {error}", hint="build it again") from error
    except (wasmtime.WasmtimeError, wasmtime.Trap, wasmtime.ExitTrap) as error:
        raise failed(name, preparation, error, messages) from error


def resumed(data: bytes, name: str, wanted: str) -> str:
    """Which export goes on from the snapshot."""
    return wanted if (wanted, "func") in inspect_module(data, name).exports else START


def failed(name: str, preparation: Preparation, error: Exception, messages: Messages) -> BuildError:
    """What to say of a preparation that did not end well."""
    output = messages.text()
    if isinstance(error, wasmtime.Trap) and error.trap_code == wasmtime.TrapCode.INTERRUPT:
        what = f"'{preparation.init}' of '{name}' ran for more than {preparation.seconds:g} s"
        return BuildError(what, hint="look for an endless loop", output=output)
    if isinstance(error, wasmtime.ExitTrap):
        if messages.text(ERROR):
            return BuildError(output)
        return BuildError(f"'{name}' ended while it was prepared, with code {error.code}", output=output)
    reason = str(error).strip().splitlines()[-1].strip().lower()
    return BuildError(f"preparing '{name}' failed: {reason}", output=output)


def run(
    wasm: bytes, names: dict[int, str], preparation: Preparation, messages: Messages
) -> tuple[bytes, dict[int, int | float]]:
    """Runs the preparation; the memory and the globals that it leaves."""
    engine = wasmtime.Engine(configuration())
    module = compiled(engine, wasm)
    store = wasmtime.Store(engine)
    store.set_limits(memory_size=preparation.memory)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    define_host(linker, module, messages)
    if not preparation.random and not has_constructors(module):
        refuse_randomness(linker, module)
    with stdin_file(preparation.stdin) as path, deadline(engine, store, preparation.seconds):
        wasi = wasmtime.WasiConfig()
        wasi.stdin_file = path
        store.set_wasi(wasi)
        exports = linker.instantiate(store, module).exports(store)
        for function in (INITIALIZE, preparation.init):
            if function in exports:
                call(exports[function], store)
            elif function == preparation.init:
                raise Frozen(f"it does not export '{function}'")
    memory = exports.get("memory")
    if not isinstance(memory, wasmtime.Memory):
        raise Frozen("it does not export its memory as 'memory'")
    values = {index: exports[name].value(store) for index, name in names.items()}  # type: ignore[union-attr]
    return bytes(memory.read(store, 0, memory.data_len(store))), values


def on_large_stack(action: Callable[[], T]) -> T:
    """What an action gives, or raises, in a thread whose stack has room for the module's."""
    with ThreadPoolExecutor(1) as pool:
        with STACK_SIZE:
            before = threading.stack_size(2 * MAX_STACK)
            try:
                done = pool.submit(action)
            finally:
                threading.stack_size(before)
        return done.result()


def configuration() -> wasmtime.Config:
    """What the module may use while it is prepared: what it may use when it serves, see `configuration`."""
    config = wasmtime.Config()
    config.epoch_interruption = True
    config.wasm_exceptions = True
    address = ctypes.cast(config.ptr(), ctypes.c_void_p)
    capi().wasmtime_config_async_stack_size_set(address, 2 * MAX_STACK)  # never used, but checked
    config.max_wasm_stack = MAX_STACK
    return config


def define_host(linker: wasmtime.Linker, module: wasmtime.Module, messages: Messages) -> None:
    """Serves the imports from `gojinn`: the log; any other ends the preparation."""

    def log(caller: wasmtime.Caller, level: int, at: int, length: int) -> None:
        memory = caller.get("memory")
        if isinstance(memory, wasmtime.Memory):
            text = bytes(memory.read(caller, at, at + length)).decode(errors="replace")
            messages.entries.append((level, text))

    def refusing(name: str, kind: wasmtime.FuncType) -> None:
        def refuse(*arguments: object) -> None:
            raise wasmtime.WasmtimeError(f"it calls '{name}', which is for requests only")

        linker.define_func(HOST, name, kind, refuse)

    for entry in module.imports:
        kind = entry.type
        if entry.module != HOST or not isinstance(kind, wasmtime.FuncType) or entry.name is None:
            continue
        if entry.name == "host_log" and len(kind.params) == 3 and not kind.results:
            linker.define_func(HOST, entry.name, kind, log, access_caller=True)
        else:
            refusing(entry.name, kind)


def has_constructors(module: wasmtime.Module) -> bool:
    """Whether it is a reactor. The runtime that such a one starts may need random numbers of its own."""
    return any(entry.name == INITIALIZE for entry in module.exports)


def refuse_randomness(linker: wasmtime.Linker, module: wasmtime.Module) -> None:
    """Ends a preparation that asks for random numbers."""

    def refuse(*arguments: object) -> int:
        raise wasmtime.WasmtimeError("it asks for random numbers, which would be the same in every sandbox")

    linker.allow_shadowing = True
    for entry in module.imports:
        if entry.name == "random_get" and isinstance(entry.type, wasmtime.FuncType):
            linker.define_func(entry.module, entry.name, entry.type, refuse)


def call(function: object, store: wasmtime.Store) -> None:
    """Calls an exported function without parameters."""
    if not isinstance(function, wasmtime.Func) or function.type(store).params:
        raise Frozen("what should prepare it is not a function without parameters")
    function(store)


@contextmanager
def stdin_file(content: bytes) -> Iterator[str]:
    """A file with the input, gone afterwards."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        yield file.name


@contextmanager
def deadline(engine: wasmtime.Engine, store: wasmtime.Store, seconds: float) -> Iterator[None]:
    """Ends what runs in the store after some seconds."""
    store.set_epoch_deadline(1)
    timer = threading.Timer(seconds, engine.increment_epoch)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
