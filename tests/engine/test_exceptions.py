"""WebAssembly exceptions, which setjmp and longjmp of C are made of."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from gojinn.engine.driver import Engine
from gojinn.engine.host import GuestCall, HostFunction
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.outcome import End
from gojinn.engine.settings import EngineSettings, Implementation

Compile = Callable[..., Path]
SLOTS = 8

CATCHING = """(module (import "test" "call" (func $call (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (tag $thrown (param i32))
  (func $fail (param i32) (throw $thrown (local.get 0)))
  (func (export "_start") (local $i i32) (local $sum i32)
    (loop $again
      (block $caught (result i32)
        (try_table (catch $thrown $caught) (call $fail (local.get $i)))
        (unreachable))
      (local.set $sum (i32.add (local.get $sum)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 10))))
    (drop (call $call (i32.const 0) (i32.const 0)))
    (call $exit (local.get $sum))))"""

UNCAUGHT = """(module (memory (export "memory") 1) (tag $thrown)
  (func (export "_start") (throw $thrown)))"""


async def test_guests_that_throw_can_be_in_every_slot(
    implementation: Implementation, compiled: Compile
) -> None:
    opened, parked = asyncio.Event(), 0

    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        nonlocal parked
        parked += 1
        if parked == SLOTS:
            opened.set()
        await opened.wait()
        return 0

    hosts = (HostFunction("test", "call", ("i32", "i32"), "either", call),)
    engine = Engine(EngineSettings(slots=SLOTS, implementation=implementation))
    program = engine.load(compiled(CATCHING), ProgramSpec(), hosts)
    async with asyncio.timeout(60):
        outcomes = await asyncio.gather(*(engine.invoke(program, b"", timeout=60) for _ in range(SLOTS)))
    assert [outcome.exit_code for outcome in outcomes] == [45] * SLOTS
    engine.close()


async def test_exception_that_nobody_catches_is_a_trap(
    implementation: Implementation, compiled: Compile
) -> None:
    engine = Engine(EngineSettings(slots=1, implementation=implementation))
    program = engine.load(compiled(UNCAUGHT), ProgramSpec())
    for _ in range(2):
        assert (await engine.invoke(program, b"", timeout=60)).end is End.TRAPPED
    engine.close()
