"""What one invocation finds around it instead of what is its program's, in each kind of program."""

from __future__ import annotations

import asyncio
import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.components.outside import inspect_component
from gojinn.engine.components.worlds import entry_of
from gojinn.engine.driver import Engine
from gojinn.engine.host import GuestCall, HostFunction
from gojinn.engine.limits import Mount, ProgramSpec, Surroundings
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.components import surroundings
from gojinn.testing.guests import c_guest, guest

Compile = Callable[..., Path]

SPEC = ProgramSpec(args=("program", "a"), env={"COMMON": "1", "BOTH": "program's"})
OWN = Surroundings(args=("own", "ä b", ""), env={"BOTH": "own", "EMPTY": "", "EQUALS": "a=b"})
COMMON_LINES = ["program", "a", "COMMON=1", "BOTH=program's"]
OWN_LINES = ["own", "ä b", "", "BOTH=own", "EMPTY=", "EQUALS=a=b"]

PARKED = """(module
  (import "test" "call" (func $call (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 0) "\\40\\00\\00\\00\\28\\00\\00\\00")
  (func (export "_start") (drop (call $call (i32.const 0) (i32.const 0)))
    (drop (call $env (i32.const 200) (i32.const 64)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"""

COUNTING = """
#include <stdio.h>
#include <string.h>
extern char **environ;
int main(int count, char **args) {
    size_t variables = 0, bytes = 0;
    for (char **each = environ; *each; each++) variables++, bytes += strlen(*each) + 1;
    return printf("%d %zu %zu", count, variables, bytes) < 0;
}"""


@pytest.fixture
def engine(implementation: Implementation) -> Iterator[Engine]:
    engine = Engine(EngineSettings(slots=16, metered_slots=4, implementation=implementation))
    yield engine
    engine.close()


def lines(stdout: bytes) -> list[str]:
    return str(json.loads(stdout)["body"]).split("\n")[:-1]


async def test_an_invocation_has_surroundings_of_its_own(engine: Engine, compiled: Compile) -> None:
    program = engine.load(compiled(guest("environ")), SPEC)
    for around, expected in ((None, COMMON_LINES), (OWN, OWN_LINES), (None, COMMON_LINES)):
        outcome = await engine.invoke(program, b"", timeout=5, around=around)
        assert lines(outcome.stdout) == expected


async def test_so_it_has_with_mounts(engine: Engine, compiled: Compile, tmp_path: Path) -> None:
    spec = ProgramSpec(SPEC.args, SPEC.env, mounts=(Mount(str(tmp_path), "/data"),))
    program = engine.load(compiled(guest("environ")), spec)
    for around, expected in ((OWN, OWN_LINES), (None, COMMON_LINES)):
        outcome = await engine.invoke(program, b"", timeout=5, around=around)
        assert lines(outcome.stdout) == expected


async def test_so_has_a_component(engine: Engine, compiled: Compile) -> None:
    component = surroundings()
    info = inspect_component(component, "it")
    entry = entry_of((name for name, _ in info.exports), (each.module for each in info.imports))
    assert entry is not None
    program = engine.load_component(compiled(component), entry, SPEC)
    for around, there, missing in ((OWN, OWN, "COMMON"), (None, SPEC, "EQUALS")):
        stdout = (await engine.invoke(program, b"", timeout=5, around=around)).stdout
        for text in (*there.args, *there.env, *there.env.values()):
            assert text.encode() in stdout
        assert missing.encode() not in stdout


async def test_parked_guests_keep_their_own(engine: Engine, compiled: Compile) -> None:
    gate = asyncio.Event()

    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        await gate.wait()
        return 0

    hosts = (HostFunction("test", "call", ("i32", "i32"), "either", call),)
    program = engine.load(compiled(PARKED), SPEC, hosts)

    async def run(number: int) -> bytes:
        around = Surroundings(("guest",), {"NUMBER": f"{number:032}"})
        return (await engine.invoke(program, b"", timeout=30, around=around)).stdout

    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(run(number)) for number in range(10)]
        while engine.stats().parked < 10:  # noqa: ASYNC110  (guests park without a word)
            await asyncio.sleep(0)
        gc.collect()
        gate.set()
    assert [task.result() for task in running] == [b"NUMBER=%032d\0" % number for number in range(10)]


async def test_surroundings_may_be_empty_or_large(engine: Engine, compiled: Compile) -> None:
    program = engine.load(compiled(c_guest(COUNTING)), SPEC)
    many = {f"HTTP_X_{number:05}": "v" * 200 for number in range(10_000)}
    size = sum(len(name) + len(value) + 2 for name, value in many.items())
    for around, expected in (
        (Surroundings((), {}), b"0 0 0"),
        (Surroundings(("a",) * 1000, many), b"1000 10000 %d" % size),
        (Surroundings(("a",), {"LARGE": "v" * (8 << 20)}), b"1 1 %d" % ((8 << 20) + 7)),
    ):
        assert (await engine.invoke(program, b"", timeout=30, around=around)).stdout == expected
