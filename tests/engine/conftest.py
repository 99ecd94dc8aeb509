"""Guests compiled for the engine's tests, and engines in each implementation."""

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.compile import Compiler
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.guests import wat

Compile = Callable[..., Path]

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
