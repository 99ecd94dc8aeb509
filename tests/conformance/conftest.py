"""Hosts for the conformance scripts: both of ours, and wasmtime's own WASI through its Python package."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from gojinn.engine.compile import Compiler
from gojinn.engine.driver import Engine
from gojinn.engine.limits import Limits, ProgramSpec
from gojinn.engine.outcome import RECORD, End
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.guests import wat
from gojinn.testing.preview1 import Result, Script, guest_text, result

Host = Callable[[Script], Awaitable[Result]]

LIMITS = Limits(output=4 << 20, log=4 << 20)


@pytest.fixture(scope="session")
def caller() -> bytes:
    """The guest that makes the calls of a script."""
    return wat(guest_text())


@pytest.fixture(scope="session")
def compiled_caller(caller: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    compiler = Compiler(EngineSettings())
    path = tmp_path_factory.mktemp("conformance") / "caller.cwasm"
    path.write_bytes(compiler.compile(caller, "caller", metered=False))
    yield path
    compiler.close()


@pytest.fixture(params=["core", "pure"])
async def ours(request: pytest.FixtureRequest, compiled_caller: Path) -> AsyncIterator[Host]:
    """`await ours(script)`: its result in our sandbox, once for each implementation."""
    async with host(request.param, compiled_caller) as run:
        yield run


@pytest.fixture
async def both(compiled_caller: Path) -> AsyncIterator[tuple[Host, Host]]:
    """Our two implementations."""
    async with host("core", compiled_caller) as core, host("pure", compiled_caller) as pure:
        yield core, pure


@asynccontextmanager
async def host(implementation: Implementation, caller: Path) -> AsyncIterator[Host]:
    engine = Engine(EngineSettings(slots=8, implementation=implementation))

    async def run(script: Script) -> Result:
        program = engine.load(caller, ProgramSpec(script.args, script.env, (), LIMITS))
        outcome = await engine.invoke(program, script.input(), timeout=20)
        program.close()
        end = end_of(outcome.end, outcome.exit_code)
        return result(end, outcome.stdout, stderr_of(outcome.log), script)

    yield run
    engine.close()


def stderr_of(log: bytes) -> bytes:
    """The raw text of a log's records."""
    text, at = b"", 0
    while at < len(log):
        _, size = RECORD.unpack_from(log, at)
        text += log[at + RECORD.size : at + RECORD.size + size]
        at += RECORD.size + size
    return text


def end_of(end: End, code: int) -> str:
    return {End.RETURNED: "returned", End.TRAPPED: "trapped", End.EXITED: f"exit {code}"}.get(end, end.value)


@pytest.fixture(scope="session")
def theirs(caller: bytes, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Script], Result]:
    """`theirs(script)`: its result with wasmtime's own WASI."""
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, caller)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    folder = tmp_path_factory.mktemp("theirs")

    def run(script: Script) -> Result:
        store = wasmtime.Store(engine)
        (folder / "stdin").write_bytes(script.input())
        config = wasmtime.WasiConfig()
        config.argv = script.args
        config.env = list(script.env.items())
        config.stdin_file = str(folder / "stdin")
        config.stdout_file = str(folder / "stdout")
        config.stderr_file = str(folder / "stderr")
        store.set_wasi(config)
        end = "returned"
        try:
            exports: Any = linker.instantiate(store, module).exports(store)
            exports["_start"](store)
        except wasmtime.ExitTrap as exit:
            end = f"exit {exit.code}"
        except wasmtime.Trap:
            end = "trapped"
        except wasmtime.WasmtimeError:
            end = "trapped"
        del store
        stdout, stderr = ((folder / name).read_bytes() for name in ("stdout", "stderr"))
        return result(end, stdout, stderr, script)

    return run
