"""Streams whose bytes cross as strings: the same bytes arrive, in components that can do with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.engine.components import code
from gojinn.engine.components.code import compile_component, rewritten_code
from gojinn.engine.components.latin1 import SUFFIX, with_strings
from gojinn.engine.components.worlds import Entry, World
from gojinn.engine.configuration import open_compiler
from gojinn.engine.driver import Engine
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.rewrite import sized
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.components import COPYING, STDOUT, python_proxy, saying
from gojinn.testing.guests import damaged, wat

IMPORTS = tuple(f"wasi:{name}@0.2.0" for name in ("io/error", "io/streams", "cli/stdin", "cli/stdout"))
READ = "[method]input-stream.blocking-read"
WRITE = "[method]output-stream.blocking-write-and-flush"
INPUTS = [
    b"",
    b"plain",
    b"\xff",
    b"a\x80",
    bytes(range(256)) * 3,
    b"\x80" * 70_000,
    "grüße ".encode() * 20_000,
]


def copying(
    piece: int, *, allocator: str = "cabi_realloc", place: int = 1 << 21, write: str = "call $write-to"
) -> bytes:
    """A component that exports `wasi:cli/run` and writes to stdout what it reads from stdin, at most `piece`
    bytes at once, each piece twice. Its allocator aligns as it is asked to, and traps when it is to take
    something back. It writes from `place` in its memory, by `write`, and traps when the byte in front of that
    changes."""
    options = f'(memory (core memory $libc "memory")) (realloc (core func $libc "{allocator}"))'
    return wat(f"""(component
      {COPYING}
      (import "wasi:cli/stdin@0.2.0" (instance $stdin
        (alias outer 1 $input (type $i0)) (export "input-stream" (type $i (eq $i0)))
        (export "get-stdin" (func (result (own $i))))))
      {STDOUT}
      (core module $libc
        (memory (export "memory") 64)
        (global $free (mut i32) (i32.const 8191))
        (func (export "{allocator}") (param i32 i32 i32 i32) (result i32)
          (local $at i32)
          (if (local.get 0) (then unreachable))
          (local.set $at (i32.and
            (i32.sub (i32.add (global.get $free) (local.get 2)) (i32.const 1))
            (i32.sub (i32.const 0) (local.get 2))))
          (global.set $free (i32.add (local.get $at) (local.get 3)))
          (local.get $at)))
      (core instance $libc (instantiate $libc))
      (core func $in (canon lower (func $stdin "get-stdin")))
      (core func $out (canon lower (func $stdout "get-stdout")))
      (core func $read (canon lower (func $streams "[method]input-stream.blocking-read") {options}))
      (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") {options}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "in" (func $in (result i32)))
        (import "host" "out" (func $out (result i32)))
        (import "host" "read" (func $read (param i32 i64 i32)))
        (import "wasi:io/streams@0.2.0" "{WRITE}" (func $write-to (param i32 i32 i32 i32)))
        (table 1 funcref) (elem (i32.const 0) $write-to)
        (type $writing (func (param i32 i32 i32 i32)))
        (func $write (param i32 i32 i32 i32)
          (local.get 0) (local.get 1) (local.get 2) (local.get 3) {write})
        (func (export "run") (result i32) (local $in i32) (local $out i32)
          (local.set $in (call $in))
          (local.set $out (call $out))
          (loop $more
            (call $read (local.get $in) (i64.const {piece}) (i32.const 16))
            (if (i32.eqz (i32.load8_u (i32.const 16))) (then
              (i32.store8 (i32.const {place - 1}) (i32.const 90))
              (memory.copy (i32.const {place}) (i32.load (i32.const 20)) (i32.load (i32.const 24)))
              (call $write (local.get $out) (i32.const {place}) (i32.load (i32.const 24)) (i32.const 32))
              (call $write (local.get $out) (i32.const {place}) (i32.load (i32.const 24)) (i32.const 32))
              (if (i32.ne (i32.load8_u (i32.const {place - 1})) (i32.const 90)) (then unreachable))
              (br $more))))
          (i32.const 0)))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "in" (func $in)) (export "out" (func $out))
          (export "read" (func $read))))
        (with "wasi:io/streams@0.2.0" (instance (export "{WRITE}" (func $write))))))
      (func $run (result (result)) (canon lift (core func $running "run")))
      (instance $runner (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $runner)))""")


def counted(data: bytes) -> list[int]:
    """How often there are a function that reads and one that writes strings: in a type, and in an alias."""
    return [data.count((name + SUFFIX).encode()) for name in (READ, WRITE)]


BY_CALL, BY_TABLE = "call $write-to", "(call_indirect (type $writing) (i32.const 0))"


@pytest.mark.parametrize("write", [BY_CALL, BY_TABLE])
@pytest.mark.parametrize("place", [1 << 21, (1 << 21) + 1])
@pytest.mark.parametrize("piece", [1, 7, 4096, 1 << 40])
async def test_the_same_bytes_arrive(
    implementation: Implementation,
    compiled: Callable[..., Path],
    tmp_path: Path,
    piece: int,
    place: int,
    write: str,
) -> None:
    module = tmp_path / "copying.wasm"
    module.write_bytes(copying(piece, place=place, write=write))
    assert counted(with_strings(module.read_bytes())) == [2, 2]
    engine = Engine(EngineSettings(slots=4, metered_slots=2, implementation=implementation))
    entry = Entry(World.COMMAND, "wasi:cli/run@0.2.0", IMPORTS)
    program = engine.load_component(compiled(module), entry, ProgramSpec())
    for given in INPUTS:
        given = given[: 500 * piece]
        size = min(piece, 65536)
        twice = b"".join(given[at : at + size] * 2 for at in range(0, len(given), size))
        outcome = await engine.invoke(program, given, timeout=20)
        assert (outcome.trap, outcome.stdout) == ("", twice)
    program.close()
    engine.close()


def test_calls_that_are_not_looked_for_keep_lists() -> None:
    assert counted(with_strings(copying(7, write="return_call $write-to"))) == [2, 1]


def test_another_allocator_keeps_lists() -> None:
    assert counted(with_strings(copying(7, allocator="cabi_import_realloc"))) == [1, 2]


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
    assert counted(with_strings(data)) == [2, 3]


def test_what_wasmtime_refuses_is_compiled_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    data = saying(b"hello")
    engine = open_compiler(EngineSettings(), metered=False, components=True)
    monkeypatch.setattr(code, "with_strings", lambda data: data + b"\x07\x01\xff")
    assert rewritten_code(engine, data) == compile_component(engine, data)


def test_damaged_components_never_raise() -> None:
    for broken in damaged(copying(7), 5000):
        with_strings(broken)
