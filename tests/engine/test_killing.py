"""Guests killed in every state, many thousand times: nothing crashes, nothing is left."""

import asyncio
import gc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.core import open_core
from gojinn.engine.driver import Engine
from gojinn.engine.host import GuestCall, HostFunction
from gojinn.engine.limits import Limits, ProgramSpec
from gojinn.engine.link import link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.sandbox import ModuleCore, Plan, Sandbox
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.testing.guests import guest

Compile = Callable[..., Path]

PARKED = """(module (import "test" "park" (func $park)) (memory (export "memory") 1)
  (func (export "_start") (call $park)))"""

PARKED_DEEP = """(module (import "test" "park" (func $park)) (memory (export "memory") 16)
  (func $descend (param $depth i32)
    (i32.store (i32.mul (local.get $depth) (i32.const 512)) (local.get $depth))
    (if (local.get $depth)
      (then (call $descend (i32.sub (local.get $depth) (i32.const 1))))
      (else (call $park))))
  (func (export "_start") (call $descend (i32.const 2000))))"""

PARKED_AT_START = """(module (import "test" "park" (func $park)) (memory (export "memory") 1)
  (func $init (call $park)) (start $init) (func (export "_start")))"""

PARKED_SPINNING = """(module (import "test" "park" (func $park)) (memory (export "memory") 1)
  (func (export "_start") (loop $again (call $park) (br $again))))"""


async def park(guest: GuestCall) -> None:
    await asyncio.get_running_loop().create_future()


HOSTS = (HostFunction("test", "park", (), None, park),)


@pytest.fixture
def core(implementation: Implementation) -> Iterator[ModuleCore]:
    core = open_core(EngineSettings(slots=64, implementation=implementation), metered=False)
    yield core
    assert core.live() == 0
    core.close()


def program(core: ModuleCore, path: Path) -> int:
    with loaded(core.engine, path) as module, types_of(module) as types:
        pre = link(core, module, types, HOSTS, files=False)
    return core.program(pre, Plan(("guest",), {}, Limits(), metered=False))


def suspended(core: ModuleCore, handle: int) -> Sandbox:
    sandbox = core.start(handle, b"input")
    assert not isinstance(sandbox, Outcome)
    return sandbox


def resident_kib() -> int:
    gc.collect()
    line = next(s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith("VmRSS"))
    return int(line.split()[1])


@pytest.mark.slow
@pytest.mark.parametrize("stopping", [False, True], ids=["discard", "stop"])
@pytest.mark.parametrize(
    ("source", "cycles"),
    [(PARKED, 3000), (PARKED_DEEP, 1000), (PARKED_AT_START, 2000)],
    ids=["parked", "deep", "starting"],
)
def test_killing_parked_guests_leaves_nothing(
    core: ModuleCore, compiled: Compile, source: str, cycles: int, stopping: bool
) -> None:
    handle = program(core, compiled(source))

    def kill(count: int) -> None:
        for _ in range(count):
            sandbox = suspended(core, handle)
            if stopping:
                assert sandbox.stop(End.TIMEOUT).end is End.TIMEOUT
            sandbox.discard()

    kill(cycles // 10)
    before = resident_kib()
    kill(cycles)
    assert resident_kib() - before < 1024
    core.release(handle)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["endless_loop", "start_loop"])
def test_killing_preempted_guests_leaves_nothing(core: ModuleCore, compiled: Compile, name: str) -> None:
    handle = program(core, compiled(guest(name)))
    suspended(core, handle).discard()
    before = resident_kib()
    for _ in range(40):
        sandbox = suspended(core, handle)
        assert sandbox.step() is None
        sandbox.discard()
    assert resident_kib() - before < 1024
    core.release(handle)


@pytest.mark.slow
def test_host_calls_answered_many_times_leave_nothing(core: ModuleCore, compiled: Compile) -> None:
    handle = program(core, compiled(PARKED_SPINNING))
    sandbox = suspended(core, handle)

    def answer(count: int) -> None:
        for _ in range(count):
            ended = sandbox.step() if sandbox.operation < 0 else sandbox.resume(0)
            assert ended is None

    answer(1000)
    before = resident_kib()
    answer(20_000)
    assert resident_kib() - before < 1024
    sandbox.discard()
    core.release(handle)


@pytest.mark.slow
def test_trapping_guests_leave_nothing(core: ModuleCore, compiled: Compile) -> None:
    handles = [program(core, compiled(guest(name))) for name in ("unreachable", "recursion", "exit_3")]

    def run(count: int) -> None:
        for i in range(count):
            outcome = core.start(handles[i % 3], b"")
            while not isinstance(outcome, Outcome):
                outcome = outcome.step() or outcome

    run(300)
    before = resident_kib()
    run(6000)
    assert resident_kib() - before < 1024
    for handle in handles:
        core.release(handle)


@pytest.mark.slow
def test_loading_and_closing_programs_leaves_nothing(core: ModuleCore, compiled: Compile) -> None:
    path = compiled(PARKED)

    def load(count: int) -> None:
        for _ in range(count):
            handle = program(core, path)
            suspended(core, handle).discard()
            core.release(handle)

    load(100)
    before = resident_kib()
    load(1000)
    assert resident_kib() - before < 2048


@pytest.mark.slow
async def test_cancelling_invocations_leaves_nothing(
    implementation: Implementation, compiled: Compile
) -> None:
    engine = Engine(EngineSettings(slots=256, implementation=implementation))
    loaded = [engine.load(compiled(source), ProgramSpec(), HOSTS) for source in (PARKED, PARKED_DEEP)]

    async def cancel(rounds: int) -> None:
        for _ in range(rounds):
            running = [
                asyncio.ensure_future(engine.invoke(loaded[i % 2], b"", timeout=60)) for i in range(200)
            ]
            while engine.stats().parked < 200:  # noqa: ASYNC110, the engine is what is tested
                await asyncio.sleep(0)
            for invocation in running:
                invocation.cancel()
            await asyncio.gather(*running, return_exceptions=True)
            assert engine.stats().live == 0

    await cancel(20)
    before = resident_kib()
    await cancel(20)
    assert resident_kib() - before < 2048
    for each in loaded:
        each.close()
    engine.close()
