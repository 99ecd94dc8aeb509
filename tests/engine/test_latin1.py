"""Streams whose bytes cross as strings: the same bytes arrive, in components that can do with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.engine.components import code
from gojinn.engine.components.code import compile_component, rewritten_code
from gojinn.engine.components.latin1 import SUFFIX, Rewritten, with_strings
from gojinn.engine.components.worlds import Entry, World
from gojinn.engine.configuration import open_compiler
from gojinn.engine.driver import Engine
from gojinn.engine.inspect import Malformed
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.rewrite import sized
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.errors import ModuleError
from gojinn.testing.components import copying, python_proxy, saying
from gojinn.testing.guests import damaged

IMPORTS = tuple(f"wasi:{name}@0.2.0" for name in ("io/error", "io/streams", "cli/stdin", "cli/stdout"))
READ = b"[method]input-stream.blocking-read"
INPUTS = [
    b"",
    b"plain",
    b"\xff",
    b"a\x80",
    bytes(range(256)) * 3,
    b"\x80" * 70_000,
    "grüße ".encode() * 20_000,
]


@pytest.mark.parametrize("piece", [1, 7, 4096, 1 << 40])
async def test_the_same_bytes_arrive(
    implementation: Implementation, compiled: Callable[..., Path], tmp_path: Path, piece: int
) -> None:
    module = tmp_path / "copying.wasm"
    module.write_bytes(copying(piece))
    assert with_strings(module.read_bytes()).count(READ + SUFFIX.encode()) == 2  # in the type and in an alias
    engine = Engine(EngineSettings(slots=4, metered_slots=2, implementation=implementation))
    entry = Entry(World.COMMAND, "wasi:cli/run@0.2.0", IMPORTS)
    program = engine.load_component(compiled(module), entry, ProgramSpec())
    for given in INPUTS:
        given = given[: 500 * piece]
        outcome = await engine.invoke(program, given, timeout=20)
        assert (outcome.trap, outcome.stdout) == ("", given)
    program.close()
    engine.close()


def test_another_allocator_keeps_lists() -> None:
    kept = with_strings(copying(7, allocator="cabi_import_realloc"))
    assert kept.count(READ + SUFFIX.encode()) == 1  # only its type is there


def test_components_without_streams_stay_as_they_are() -> None:
    assert with_strings(saying(b"hello")) == saying(b"hello")


def test_components_inside_are_rewritten_too() -> None:
    inner = copying(7)
    outer = inner[:8] + b"\x04" + sized(inner)
    assert with_strings(outer) == inner[:8] + b"\x04" + sized(with_strings(inner))


@pytest.mark.slow
@pytest.mark.toolchain
def test_a_component_of_a_real_toolchain_reads_strings() -> None:
    data = python_proxy().read_bytes()
    assert with_strings(data).count(READ + SUFFIX.encode()) >= 2


def test_what_wasmtime_refuses_is_compiled_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saying(b"hello")
    engine = open_compiler(EngineSettings(), metered=False, components=True)
    monkeypatch.setattr(code, "with_strings", lambda data: data + b"\x07\x01\xff")
    assert rewritten_code(engine, data) == compile_component(engine, data)


def test_damaged_components_are_read_or_left() -> None:
    data = copying(7)
    for broken in damaged(data, 1000):
        try:
            Rewritten(broken)
        except (Malformed, ModuleError):
            assert with_strings(broken) == broken
