"""Compiles modules in a process of its own: `python -m gojinn.engine.compile`. Who starts it is `compilers`.

Cranelift meets arbitrary modules here. When it crashes, hangs or takes too much memory, only this process is
lost. Jobs come one JSON line each on stdin, each is answered by one line on stdout.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys
from pathlib import Path

import msgspec

from gojinn.engine.capi import WasmtimeError, capi, check
from gojinn.engine.components.code import rewritten_code
from gojinn.engine.components.outside import inspect_component, is_component
from gojinn.engine.configuration import open_compiler
from gojinn.engine.denials import with_denials
from gojinn.engine.entrance import unentered, with_start
from gojinn.engine.entries import Entries, entry_name
from gojinn.engine.growth import with_growth_flag
from gojinn.engine.inspect import ModuleInfo, inspect_module
from gojinn.engine.modules import compile_module
from gojinn.engine.sealing import BrokenSeal
from gojinn.engine.settings import EngineSettings
from gojinn.engine.slashes import with_trailing_slashes
from gojinn.engine.source import Identity, read_source
from gojinn.engine.template import parted, template
from gojinn.errors import ModuleError

DIE_WITH_STARTER = 1
"""Linux's PR_SET_PDEATHSIG."""
LACKING = {
    "threads must be enabled": "build it without threads, for 'wasm32-wasip1' or 'wasm32-wasi'",
    "memory64 must be enabled": "build it with 32-bit memory, for 'wasm32-wasip1' or 'wasm32-wasi'",
    "component model async feature": "build it for WASI 0.2, whose functions are not async",
}
"""What to do about something that no module can have here, by what wasmtime says of it."""
NICENESS = 10
"""Serving goes first when compiling runs beside it."""


class Job(msgspec.Struct, frozen=True):
    """One module to have an entry in the cache."""

    path: str
    metered: bool


class Done(msgspec.Struct, frozen=True, tag=True):
    """The entry is there."""

    sha256: str
    identity: Identity
    read_ns: int
    info: ModuleInfo


class Refused(msgspec.Struct, frozen=True, tag=True):
    """The module is at fault."""

    message: str
    hint: str | None


Answer = Done | Refused


class Compiler:
    """Makes native code, with an engine for plain and one for metered modules, opened when needed."""

    def __init__(self, settings: EngineSettings) -> None:
        self.settings = settings
        self.engines: dict[tuple[bool, bool], int] = {}

    def engine(self, metered: bool, components: bool = False) -> int:
        """The address of the `wasm_engine_t`."""
        key = metered, components
        if key not in self.engines:
            self.engines[key] = open_compiler(self.settings, metered=metered, components=components)
        return self.engines[key]

    def compile(self, data: bytes, name: str, *, metered: bool) -> bytes:
        """Native code for a binary module or component, which errors call `name`. Raises ModuleError."""
        engine = self.engine(metered, is_component(data))
        try:
            if is_component(data):
                return rewritten_code(engine, data)
            check(capi().wasmtime_module_validate(engine, data, len(data)))
            changed = with_denials(with_trailing_slashes(with_growth_flag(with_start(data))))
            return compile_module(engine, changed)
        except WasmtimeError as error:
            why = one_line(str(error))
            hint = next((hint for feature, hint in LACKING.items() if feature in why), None)
            raise ModuleError(f"module '{name}' does not compile: {why}", hint=hint) from error

    def close(self) -> None:
        """Frees the engines."""
        while self.engines:
            capi().wasm_engine_delete(self.engines.popitem()[1])


def one_line(report: str) -> str:
    """wasmtime's message with its causes, on one line."""
    lines = [line.strip() for line in report.splitlines()]
    return ": ".join(line for line in lines if line and line != "Caused by:")


def work(job: Job, entries: Entries, compiler: Compiler) -> Answer:
    """Sees to it that the entry for a module is there."""
    try:
        source = read_source(job.path)
        look = inspect_component if is_component(source.data) else inspect_module
        info = look(source.data, job.path)
        lacking = unentered(info)
        if lacking is not None:  # the image of an interpreter would take a minute to compile
            raise ModuleError(f"module '{job.path}' {lacking[0]}", hint=lacking[1])
        sha256 = source.sha256
        name = entry_name(sha256, job.metered)
        if not entries.sound(name):
            entries.write(name, native_code(source.data, job, entries, compiler))
        return Done(sha256, source.identity, source.read_ns, info)
    except ModuleError as error:
        return Refused(error.message, error.hint)
    except MemoryError:
        return Refused(f"module '{job.path}' needs more memory to compile than there is", None)


def native_code(data: bytes, job: Job, entries: Entries, compiler: Compiler) -> bytes:
    """Native code for a module: compiled, or from that of another which is like it. Raises ModuleError."""
    parts = parted(data)
    if parts is None:
        return compiler.compile(data, job.path, metered=job.metered)
    name = entry_name(f"{parts.key}-template", job.metered)
    with entries.alone(name):
        try:
            common = entries.read(name)
        except BrokenSeal:
            common = compiler.compile(template(data, parts), job.path, metered=job.metered)
            entries.write(name, common)
    return parts.filled(common) or compiler.compile(data, job.path, metered=job.metered)


def restrain(memory: int) -> None:
    """Limits what this process may take (`memory` bytes of data) and how long it may live."""
    resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the starter, too, which decides
    ctypes.CDLL(None).prctl(DIE_WITH_STARTER, signal.SIGKILL)


def main(root: str, memory: str) -> None:
    """Serves jobs for the cache at `root` until stdin ends."""
    restrain(int(memory))
    entries, compiler = Entries(Path(root)), Compiler(EngineSettings())
    decoder = msgspec.json.Decoder(Job)
    for line in sys.stdin.buffer:
        answer = work(decoder.decode(line), entries, compiler)
        sys.stdout.buffer.write(msgspec.json.encode(answer) + b"\n")
        sys.stdout.buffer.flush()
    compiler.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
