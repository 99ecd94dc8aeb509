"""Guests compiled for the engine's tests, and engines in each implementation."""

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.engine.compile import Compiler
from gojinn.engine.components.outside import inspect_component
from gojinn.engine.components.worlds import entry_of
from gojinn.engine.driver import Engine
from gojinn.engine.lanes import Program
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.components import adapted
from gojinn.testing.guests import wat

Compile = Callable[..., Path]
Load = Callable[[Engine, Path, ProgramSpec], Program]

FORMS = ("module", "component")

IMPLEMENTATIONS: tuple[Implementation, ...] = ("core", "pure")


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Compile]:
    """`compiled(guest, metered=False)`: the compiled form of WebAssembly text, of a binary, or of one in a
    file."""
    folder = tmp_path_factory.mktemp("compiled")
    compiler = Compiler(EngineSettings())

    def compile_guest(guest: str | bytes | Path, *, metered: bool = False) -> Path:
        data = (
            wat(guest)
            if isinstance(guest, str)
            else guest
            if isinstance(guest, bytes)
            else guest.read_bytes()
        )
        target = folder / f"{hashlib.sha256(data).hexdigest()[:20]}-{metered}.cwasm"
        if not target.exists():
            target.write_bytes(compiler.compile(data, "guest", metered=metered))
        return target

    yield compile_guest
    compiler.close()


@pytest.fixture(params=IMPLEMENTATIONS)
def implementation(request: pytest.FixtureRequest) -> Implementation:
    """Both of them: whoever asks for this runs twice."""
    chosen: Implementation = request.param
    return chosen


@pytest.fixture(params=FORMS)
def form(request: pytest.FixtureRequest, missing: Callable[[str], NoReturn]) -> str:
    """What a program in C is built to. Whoever asks for this runs twice."""
    if request.param == "component" and shutil.which("npm") is None:
        missing("npm is needed to make components of modules")
    chosen: str = request.param
    return chosen


@pytest.fixture
def load(compiled: Compile, form: str) -> Load:
    """`load(engine, module, spec)`: loads a program in the form that it has to have."""

    def load_program(engine: Engine, module: Path, spec: ProgramSpec) -> Program:
        return load_component(engine, compiled, adapted(module), spec)

    def load_module(engine: Engine, module: Path, spec: ProgramSpec) -> Program:
        return engine.load(compiled(module), spec)

    return load_program if form == "component" else load_module


def load_component(engine: Engine, compiled: Compile, component: Path, spec: ProgramSpec) -> Program:
    """Loads a component, at whatever it exports."""
    info = inspect_component(component.read_bytes(), component.name)
    entry = entry_of([name for name, _ in info.exports], [each.module for each in info.imports])
    assert entry is not None
    return engine.load_component(compiled(component), entry, spec)
