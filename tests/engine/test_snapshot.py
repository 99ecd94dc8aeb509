"""Modules that begin where a run of their preparation has ended."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.freeze import SPARSE, dense, spans_of
from gojinn.engine.inspect import inspect_module
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.outcome import End
from gojinn.engine.settings import EngineSettings
from gojinn.engine.snapshot import Preparation, snapshot
from gojinn.errors import BuildError, ModuleError
from gojinn.testing.guests import wat

Compile = Callable[..., Path]

PREPARE = Preparation("prepare", seconds=30)

STATE = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 8) "\\40\\00\\00\\00\\10\\00\\00\\00")
  (data $passive "passive")
  (data (i32.const 32) "begun")
  (global $one (mut i32) (i32.const 1))
  (global $two (mut i64) (i64.const 2))
  (global $three (mut f64) (f64.const 3))
  (global $four (mut f32) (f32.const 4))
  (global $fixed i32 (i32.const 5))
  (func $start (global.set $one (i32.add (global.get $one) (i32.const 10))))
  (start $start)
  (func (export "_initialize") (global.set $one (i32.add (global.get $one) (i32.const 100))))
  (func (export "prepare")
    (drop (call $read (i32.const 0) (i32.const 8) (i32.const 1) (i32.const 0)))
    (drop (memory.grow (i32.const 2)))
    (i32.store (i32.const 150000) (i32.const 7))
    (global.set $two (i64.const -9000000000))
    (global.set $three (f64.const -1.5))
    (global.set $four (f32.const 0.25))
    (call $log (i32.const 1) (i32.const 32) (i32.const 5)))
  (func (export "_start")
    (memory.init $passive (i32.const 300) (i32.const 0) (i32.const 7))
    (call $exit (i32.add
      (i32.and
        (i32.and (i32.eq (global.get $one) (i32.const 111))
                 (i64.eq (global.get $two) (i64.const -9000000000)))
        (i32.and (f64.eq (global.get $three) (f64.const -1.5)) (f32.eq (global.get $four) (f32.const 0.25))))
      (i32.add
        (i32.add (i32.load (i32.const 150000)) (memory.size))
        (i32.and (i32.eq (i32.load8_u (i32.const 64)) (i32.const 0x6a))
                 (i32.eq (i32.load8_u (i32.const 300)) (i32.const 0x70))))))))"""


async def exit_code(compiled: Compile, module: bytes) -> int | None:
    engine = Engine(EngineSettings(slots=1))
    program = engine.load(compiled(module), ProgramSpec(), ())
    outcome = await engine.invoke(program, b"", timeout=60)
    engine.close()
    assert outcome.end is End.EXITED, outcome
    return outcome.exit_code


async def test_memory_globals_and_input_are_there_in_the_snapshot(compiled: Compile) -> None:
    module, messages = snapshot(wat(STATE), "state", Preparation("prepare", b"input"))
    assert messages.entries == [(1, "begun")]
    info = inspect_module(module, "state")
    assert dict(info.exports) == {"memory": "memory", "_start": "func"}
    assert info.memory_min == 3
    # Without the import, which only a whole host serves.
    stripped = wat(
        STATE.replace('(import "gojinn" "host_log" (func $log (param i32 i32 i32)))', "").replace(
            "(call $log (i32.const 1) (i32.const 32) (i32.const 5))", ""
        )
    )
    module, _ = snapshot(stripped, "state", Preparation("prepare", b"jinput"))
    assert await exit_code(compiled, module) == 1 + 7 + 3 + 1


def with_body(body: str, more: str = "") -> bytes:
    return wat(f"""(module (memory (export "memory") 1) {more}
      (func (export "_start")) (func (export "prepare") {body}))""")


REFUSED = {
    "no function": (wat('(module (memory (export "memory") 1))'), "does not export 'prepare'"),
    "no memory": (wat('(module (func (export "prepare")))'), "0 memories"),
    "hidden memory": (wat('(module (memory 1) (func (export "prepare")))'), "memory as 'memory'"),
    "imported memory": (
        wat('(module (import "env" "memory" (memory 1)) (func (export "prepare")))'),
        "imports the memory 'env.memory'",
    ),
    "reference": (with_body("", "(global (mut funcref) (ref.null func))"), "mutable global"),
    "trap": (with_body("unreachable"), "unreachable"),
    "recursion": (with_body("(call $f)", "(func $f (call $f))"), "call stack exhausted"),
    "parameters": (
        wat('(module (memory (export "memory") 1) (func (export "prepare") (param i32)))'),
        "without parameters",
    ),
    "host call": (
        wat("""(module (import "gojinn" "host_take" (func $f (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "prepare") (drop (call $f (i32.const 0) (i32.const 0)))))"""),
        "calls 'host_take'",
    ),
    "exit": (
        wat("""(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1) (func (export "prepare") (call $exit (i32.const 3))))"""),
        "with code 3",
    ),
    "unknown import": (
        wat('(module (import "env" "x" (func)) (memory (export "memory") 1) (func (export "prepare")))'),
        "unknown import",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_snapshotted_is_refused_with_a_reason(name: str) -> None:
    module, reason = REFUSED[name]
    with pytest.raises(BuildError, match=reason):
        snapshot(module, "guest", PREPARE)


RESUMED = """(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") unreachable)
  (func (export "prepare") (drop (call $random (i32.const 0) (i32.const 4))))
  (func (export "resume") (call $exit (i32.const 9))))"""


async def test_another_function_can_go_on_from_the_snapshot(compiled: Compile) -> None:
    module, _ = snapshot(wat(RESUMED), "guest", Preparation("prepare", resume="resume"))
    assert [name for name, _ in inspect_module(module, "guest").exports] == ["memory", "_start"]
    assert await exit_code(compiled, module) == 9


def test_random_numbers_are_refused_where_they_would_be_frozen() -> None:
    with pytest.raises(BuildError, match="random numbers, which would be the same in every sandbox"):
        snapshot(wat(RESUMED), "guest", Preparation("prepare", random=False))


def test_endless_preparation_is_ended() -> None:
    with pytest.raises(BuildError, match=r"more than 0\.2 s") as caught:
        snapshot(with_body("(loop $l (br $l))"), "guest", Preparation("prepare", seconds=0.2))
    assert caught.value.hint == "look for an endless loop"


def test_preparation_cannot_take_all_memory() -> None:
    body = "(if (i32.eq (memory.grow (i32.const 1000)) (i32.const -1)) (then unreachable))"
    with pytest.raises(BuildError, match="unreachable"):
        snapshot(with_body(body), "guest", Preparation("prepare", memory=1 << 20))


@pytest.mark.parametrize("data", [b"", b"\0asm", b"\0asm\1\0\0\0\x63", b"\0asm\1\0\0\0\x01\xff", b"x" * 100])
def test_what_is_no_module_is_told(data: bytes) -> None:
    with pytest.raises((ModuleError, BuildError), match="guest"):
        snapshot(data, "guest", PREPARE)


def test_snapshot_of_a_snapshot_is_refused() -> None:
    module, _ = snapshot(with_body(""), "guest", PREPARE)
    with pytest.raises(BuildError, match="does not export 'prepare'"):
        snapshot(module, "guest", PREPARE)


def test_short_runs_of_zeros_do_not_end_a_span() -> None:
    memory = b"\0" * 10 + b"a" + b"\0" * 31 + b"b" + b"\0" * 32 + b"c" + b"\0" * 100
    assert spans_of(memory, 32) == [(10, 43), (75, 76)]


def test_sparse_images_become_just_half_data_by_filling_the_smallest_gaps() -> None:
    spans = [(at << 20, (at << 20) + 1000) for at in range(0, 40, 2)] + [((40 << 20) - 10, 40 << 20)]
    closed = dense(spans)
    held = sum(end - start for start, end in closed)
    assert 40 << 20 < held * 2 < (40 << 20) + (2 << 16)
    assert len(closed) > 1
    small = [(0, 10), (SPARSE - 131_072, SPARSE - 131_000)]
    assert dense(small) == small
    assert dense([]) == []


async def test_sparse_memory_is_whole_in_the_snapshot(compiled: Compile) -> None:
    source = """(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 400)
      (func (export "prepare") (i32.store (i32.const 16) (i32.const 3))
        (i32.store (i32.const 26000000) (i32.const 4)))
      (func (export "_start") (call $exit
        (i32.mul (i32.load (i32.const 16)) (i32.load (i32.const 26000000))))))"""
    module, _ = snapshot(wat(source), "sparse", PREPARE)
    assert await exit_code(compiled, module) == 12


async def test_snapshots_run_side_by_side() -> None:
    made = await asyncio.gather(
        *(asyncio.to_thread(snapshot, with_body(""), "guest", PREPARE) for _ in range(4))
    )
    assert len({module for module, _ in made}) == 1
