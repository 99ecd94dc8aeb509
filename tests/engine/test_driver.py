"""Guests as awaitables: slices, host calls, deadlines, cancellation, fairness and the limit on guests."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from gojinn.engine.driver import Engine, EngineStats
from gojinn.engine.host import GuestCall, HostFunction, LinkError
from gojinn.engine.limits import Limits, ProgramSpec
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.errors import BugError, ConfigError, ModuleError, Unavailable
from gojinn.testing.guests import guest, printing
from gojinn.testing.stopwatch import Stopwatch

Compile = Callable[..., Path]

SLOTS = 16

CALLING = """(module (import "test" "call" (func $call (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1) (data (i32.const 0) "question")
  (func (export "_start") (call $exit (call $call (i32.const 0) (i32.const 8)))))"""

CALLING_FOR_EVER = """(module (import "test" "call" (func $call (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (loop $again (drop (call $call (i32.const 0) (i32.const 8))) (br $again))))"""

SPIN_THEN_CALL = """(module (import "test" "call" (func $call (param i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start") (local $i i32)
    (loop $again (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 40000000))))
    (drop (call $call (i32.const 0) (i32.const 8)))))"""


def host(call: Callable[..., Awaitable[int | None]]) -> tuple[HostFunction, ...]:
    return (HostFunction("test", "call", ("i32", "i32"), "either", call),)


@pytest.fixture
async def engine(implementation: Implementation) -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=SLOTS, metered_slots=4, implementation=implementation))
    yield engine
    assert engine.stats().live == 0
    assert engine.stats().parked == 0
    engine.close()


class Gate:
    """A host function that parks its callers until it is opened."""

    def __init__(self) -> None:
        self.opened = asyncio.Event()
        self.parked = 0
        self.cancelled = 0

    async def __call__(self, guest: GuestCall, ptr: int, length: int) -> int:
        self.parked += 1
        try:
            await self.opened.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return 0


async def until(condition: Callable[[], bool]) -> None:
    """Lets the loop run until the condition holds."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.001)


async def test_short_guest_never_touches_the_loop(implementation: Implementation, compiled: Compile) -> None:
    # Slices of a second: even on a busy machine it ends in its first.
    engine = Engine(EngineSettings(slots=1, tick=1, implementation=implementation))
    program = engine.load(compiled(printing(b"hello")), ProgramSpec())
    invocation = engine.invoke(program, b"", timeout=5)
    with pytest.raises(StopIteration) as finished:
        invocation.send(None)
    outcome: Outcome = finished.value.value
    assert (outcome.end, outcome.stdout) == (End.RETURNED, b"hello")
    engine.close()


async def test_arguments_and_environment_reach_the_guest(engine: Engine, compiled: Compile) -> None:
    spec = ProgramSpec(args=("fn", "a b"), env={"KEY": "value"})
    source = """(module
      (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "\\40\\00\\00\\00\\40\\00\\00\\00")
      (func (export "_start") (drop (call $args (i32.const 200) (i32.const 64)))
        (drop (call $env (i32.const 200) (i32.const 80)))
        (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 16)))))"""
    outcome = await engine.invoke(engine.load(compiled(source), spec), b"", timeout=1)
    assert outcome.stdout.replace(b"\0", b" ").split() == [b"fn", b"a", b"b", b"KEY=value"]


# Host calls


async def test_host_function_sees_context_and_memory(engine: Engine, compiled: Compile) -> None:
    seen: list[Any] = []

    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        seen.extend((guest.context, guest.read(ptr, length)))
        return 5

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    outcome = await engine.invoke(program, b"", timeout=1, context="mine")
    assert (outcome.end, outcome.exit_code) == (End.EXITED, 5)
    assert seen == ["mine", b"question"]


async def test_host_calls_that_are_answered_at_once_never_touch_the_loop(
    implementation: Implementation, compiled: Compile
) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        guest.write(ptr, guest.read(ptr, length))
        return 5

    # Slices of a second: even on a busy machine it ends in its first.
    engine = Engine(EngineSettings(slots=1, tick=1, implementation=implementation))
    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    outcome = engine.begin(program, b"", timeout=5)
    assert isinstance(outcome, Outcome)
    assert (outcome.end, outcome.exit_code) == (End.EXITED, 5)
    assert engine.slots.free == 1
    engine.close()


async def test_waiting_host_function_parks_only_its_guest(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    parking = engine.load(compiled(CALLING), ProgramSpec(), host(gate))
    short = engine.load(compiled(printing(b"quick")), ProgramSpec())
    parked = asyncio.ensure_future(engine.invoke(parking, b"", timeout=10))
    await until(lambda: gate.parked == 1)
    assert engine.stats() == EngineStats(live=1, parked=1, waiting=0, slots=SLOTS, invocations=1)
    assert (await engine.invoke(short, b"", timeout=1)).stdout == b"quick"
    gate.opened.set()
    assert (await parked).exit_code == 0


async def test_fault_of_the_guest_traps_it(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        guest.write(65530, b"too long")
        raise AssertionError("not reached")

    outcome = await engine.invoke(engine.load(compiled(CALLING), ProgramSpec(), host(call)), b"", timeout=1)
    assert outcome.end is End.TRAPPED
    assert outcome.trap.startswith("test.call: 8 bytes at 65530 are not in the guest's memory\n  at ")


async def test_error_of_a_host_function_reaches_the_caller(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        raise ZeroDivisionError

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    with pytest.raises(ZeroDivisionError):
        await engine.invoke(program, b"", timeout=1)


async def test_timeout_inside_a_host_function_is_its_own(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        raise TimeoutError("upstream")

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    with pytest.raises(TimeoutError, match="upstream"):
        await engine.invoke(program, b"", timeout=1)


async def test_timeout_that_a_host_function_waits_with_is_its_own(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        try:
            async with asyncio.timeout(0.01):
                await asyncio.get_running_loop().create_future()
        except TimeoutError:
            await asyncio.sleep(0)
        return 5

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    assert (await engine.invoke(program, b"", timeout=30)).exit_code == 5


async def test_guest_ends_in_time_whatever_its_host_function_waits_with(
    engine: Engine, compiled: Compile
) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        async with asyncio.timeout(30):
            await asyncio.get_running_loop().create_future()
        raise AssertionError("not reached")

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    assert (await engine.invoke(program, b"", timeout=0.05)).end is End.TIMEOUT


async def test_error_after_waiting_reaches_the_caller(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        await asyncio.sleep(0)
        raise ZeroDivisionError

    program = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    with pytest.raises(ZeroDivisionError):
        await engine.invoke(program, b"", timeout=1)
    assert engine.slots.free == SLOTS


async def test_host_function_may_run_another_guest(engine: Engine, compiled: Compile) -> None:
    inner = engine.load(compiled(printing(b"inner")), ProgramSpec())
    outputs: list[bytes] = []

    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        outputs.append((await engine.invoke(inner, b"", timeout=1)).stdout)
        return len(guest.read(ptr, length))

    outer = engine.load(compiled(CALLING), ProgramSpec(), host(call))
    assert (await engine.invoke(outer, b"", timeout=1)).exit_code == 8
    assert outputs == [b"inner"]


# Time


async def test_busy_guest_ends_at_its_timeout(engine: Engine, compiled: Compile) -> None:
    program = engine.load(compiled(guest("endless_loop")), ProgramSpec())
    outcome = await engine.invoke(program, b"", timeout=0.1)
    assert outcome.end is End.TIMEOUT
    assert 0.095 < outcome.wall < 1


async def test_parked_guest_ends_at_its_timeout(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    program = engine.load(compiled(CALLING), ProgramSpec(), host(gate))
    assert (await engine.invoke(program, b"", timeout=0.05)).end is End.TIMEOUT
    assert gate.cancelled == 1


async def test_timeout_counts_running_and_waiting_together(engine: Engine, compiled: Compile) -> None:
    program = engine.load(compiled(SPIN_THEN_CALL), ProgramSpec(), host(Gate()))
    outcome = await engine.invoke(program, b"", timeout=0.15)
    assert outcome.end is End.TIMEOUT
    assert 0.14 < outcome.wall < 2


@pytest.mark.parametrize("name", ["start_loop", "host_call_loop", "log_loop"])
async def test_every_kind_of_loop_ends_at_its_timeout(engine: Engine, compiled: Compile, name: str) -> None:
    program = engine.load(compiled(guest(name)), ProgramSpec())
    assert (await engine.invoke(program, b"", timeout=0.05)).end is End.TIMEOUT


async def test_loop_of_instant_host_calls_lets_others_run(engine: Engine, compiled: Compile) -> None:
    async def call(guest: GuestCall, ptr: int, length: int) -> int:
        return 0

    program = engine.load(compiled(CALLING_FOR_EVER), ProgramSpec(), host(call))
    busy = asyncio.ensure_future(engine.invoke(program, b"", timeout=0.2))
    rounds = 0
    while not busy.done():
        await asyncio.sleep(0)
        rounds += 1
    assert busy.result().end is End.TIMEOUT
    assert rounds > 5


@pytest.mark.parametrize("hogs", [1, 4])
async def test_short_guests_run_between_slices_of_busy_ones(
    engine: Engine, compiled: Compile, hogs: int
) -> None:
    busy = engine.load(compiled(guest("endless_loop")), ProgramSpec())
    short = engine.load(compiled(printing(b"quick")), ProgramSpec())
    running = [asyncio.ensure_future(engine.invoke(busy, b"", timeout=0.6)) for _ in range(hogs)]
    await until(lambda: engine.stats().live == hogs)
    delays = []
    for _ in range(30):
        watch = Stopwatch()
        await asyncio.sleep(0)
        assert (await engine.invoke(short, b"", timeout=1)).stdout == b"quick"
        delays.append(watch.seconds())
    await asyncio.gather(*running)
    # One slice (4 ms) of one hog in each round of the loop, however many there are.
    assert sorted(delays)[len(delays) // 2] < 0.02


async def test_slow_guests_that_arrive_together_start_one_after_another(
    engine: Engine, compiled: Compile
) -> None:
    program = engine.load(compiled(guest("endless_loop")), ProgramSpec())
    assert (await engine.invoke(program, b"", timeout=0.02)).end is End.TIMEOUT
    crowd = [asyncio.ensure_future(engine.invoke(program, b"", timeout=0.3)) for _ in range(5)]
    live = [0]
    while live[-1] < 5:
        await asyncio.sleep(0)
        live.append(engine.stats().live)
    await asyncio.gather(*crowd)
    # Without turns all five would have had a first slice in one round of the loop.
    assert max(after - before for before, after in pairwise(live)) == 1


async def test_nobody_waits_for_turns_after_a_short_guest(
    implementation: Implementation, compiled: Compile
) -> None:
    # A tick that no guest is stalled for: on a busy machine one of the crowd would be taken for a slow one.
    engine = Engine(EngineSettings(slots=SLOTS, tick=1, implementation=implementation))
    program = engine.load(compiled(printing(b"quick")), ProgramSpec())
    program.found(slow=True)
    crowd = [asyncio.ensure_future(engine.invoke(program, b"", timeout=60)) for _ in range(50)]
    await asyncio.wait(crowd, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(2):
        await asyncio.sleep(0)
    assert all(invocation.done() for invocation in crowd)
    assert program.queued == []
    engine.close()


# Cancellation


@pytest.mark.parametrize("source", [CALLING, CALLING_FOR_EVER, SPIN_THEN_CALL], ids=["call", "calls", "spin"])
async def test_cancelled_invocation_kills_its_guest(engine: Engine, compiled: Compile, source: str) -> None:
    gate = Gate()
    program = engine.load(compiled(source), ProgramSpec(), host(gate))
    invocation = asyncio.ensure_future(engine.invoke(program, b"", timeout=10))
    await until(lambda: engine.stats().live == 1)
    invocation.cancel()
    with pytest.raises(asyncio.CancelledError):
        await invocation
    assert engine.stats().live == 0


# Places


async def test_guests_beyond_the_slots_wait_in_order(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    ended: list[int] = []
    program = engine.load(compiled(CALLING), ProgramSpec(), host(gate))

    async def invoke(number: int) -> None:
        await engine.invoke(program, b"", timeout=10)
        ended.append(number)

    invocations = [asyncio.ensure_future(invoke(number)) for number in range(SLOTS + 3)]
    await until(lambda: gate.parked == SLOTS)
    stats = engine.stats()
    assert (stats.live, stats.waiting) == (SLOTS, 3)
    gate.opened.set()
    await asyncio.gather(*invocations)
    assert ended == sorted(ended)


async def test_full_engine_is_unavailable_after_the_timeout(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    program = engine.load(compiled(CALLING), ProgramSpec(), host(gate))
    parked = [asyncio.ensure_future(engine.invoke(program, b"", timeout=10)) for _ in range(SLOTS)]
    await until(lambda: gate.parked == SLOTS)
    with pytest.raises(Unavailable, match="all 16 places"):
        await engine.invoke(program, b"", timeout=0.02)
    gate.opened.set()
    await asyncio.gather(*parked)
    assert (await engine.invoke(program, b"", timeout=1)).end is End.EXITED


async def test_metered_guests_have_a_limit_of_their_own(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    spec = ProgramSpec(limits=Limits(fuel=100_000))
    metered = engine.load(compiled(CALLING, metered=True), spec, host(gate))
    plain = engine.load(compiled(printing(b"plain")), ProgramSpec())
    running = [asyncio.ensure_future(engine.invoke(metered, b"", timeout=10)) for _ in range(6)]
    await until(lambda: gate.parked == 4)
    assert engine.stats().waiting == 2
    assert (await engine.invoke(plain, b"", timeout=1)).stdout == b"plain"
    gate.opened.set()
    assert [outcome.end for outcome in await asyncio.gather(*running)] == [End.EXITED] * 6


# Loading


async def test_missing_import_is_named(engine: Engine, compiled: Compile) -> None:
    with pytest.raises(LinkError, match=r"'test\.call' is not offered"):
        engine.load(compiled(CALLING), ProgramSpec())


async def test_damaged_file_is_refused(engine: Engine, compiled: Compile, tmp_path: Path) -> None:
    whole = compiled(printing(b"hello")).read_bytes()
    for damaged in (b"", b"\0asm", whole[: len(whole) // 2]):
        (tmp_path / "m.cwasm").write_bytes(damaged)
        with pytest.raises(ModuleError, match=r"m\.cwasm' cannot be loaded"):
            engine.load(tmp_path / "m.cwasm", ProgramSpec())


async def test_missing_file_is_refused(engine: Engine, tmp_path: Path) -> None:
    with pytest.raises(ModuleError, match="cannot be loaded"):
        engine.load(tmp_path / "none.cwasm", ProgramSpec())


async def test_module_compiled_without_metering_cannot_be_metered(engine: Engine, compiled: Compile) -> None:
    spec = ProgramSpec(limits=Limits(fuel=1000))
    with pytest.raises(ModuleError, match="fuel"):
        engine.load(compiled(printing(b"hello")), spec)


async def test_metered_and_plain_programs_run_side_by_side(engine: Engine, compiled: Compile) -> None:
    plain = engine.load(compiled(printing(b"plain")), ProgramSpec())
    metered = engine.load(
        compiled(guest("endless_loop"), metered=True), ProgramSpec(limits=Limits(fuel=50_000))
    )
    assert (await engine.invoke(metered, b"", timeout=1)).end is End.FUEL
    assert (await engine.invoke(plain, b"", timeout=1)).stdout == b"plain"
    assert engine.stats().slots == SLOTS


async def test_guest_of_some_megabytes_gets_a_roomy_place(engine: Engine, compiled: Compile) -> None:
    def sized(pages: int) -> Path:
        return compiled(f'(module (memory (export "memory") {pages}) (func (export "_start")))')

    small, large, huge = (engine.load(sized(pages), ProgramSpec()) for pages in (2, 50, 260))
    assert (small.lane, large.lane, huge.lane) == (engine.plain, engine.roomy, engine.plain)
    outcome = await engine.invoke(large, b"", timeout=1)
    assert (outcome.end, outcome.memory) == (End.RETURNED, 50 << 16)


async def test_impossible_limits_are_refused(engine: Engine, compiled: Compile) -> None:
    path = compiled(printing(b"hello"))
    for limits in (Limits(memory=1 << 40), Limits(tables=-1), Limits(fuel=0), Limits(output=1 << 40)):
        with pytest.raises(ConfigError, match="expected"):
            engine.load(path, ProgramSpec(limits=limits))


async def test_unusable_variables_are_refused_without_showing_values(
    engine: Engine, compiled: Compile
) -> None:
    path = compiled(printing(b"hello"))
    for env in ({"A=B": "1"}, {"": "1"}, {"A": "secret\0"}):
        with pytest.raises(ConfigError) as refused:
            engine.load(path, ProgramSpec(env=env))
        assert "secret" not in str(refused.value)


async def test_closed_program_is_not_invoked(engine: Engine, compiled: Compile) -> None:
    program = engine.load(compiled(printing(b"hello")), ProgramSpec())
    program.close()
    program.close()
    with pytest.raises(BugError):
        await engine.invoke(program, b"", timeout=1)


async def test_program_closes_while_its_guest_runs(engine: Engine, compiled: Compile) -> None:
    gate = Gate()
    program = engine.load(compiled(CALLING), ProgramSpec(), host(gate))
    parked = asyncio.ensure_future(engine.invoke(program, b"", timeout=10))
    await until(lambda: gate.parked == 1)
    program.close()
    gate.opened.set()
    assert (await parked).exit_code == 0


# Sleeping


async def test_sleeping_guest_does_not_stop_the_loop(engine: Engine, compiled: Compile) -> None:
    source = """(module
      (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1)
      (func (export "_start")
        (i32.store (i32.const 16) (i32.const 1)) (i64.store (i32.const 24) (i64.const 60000000))
        (call $exit (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))))"""
    program = engine.load(compiled(source), ProgramSpec())
    sleeper = asyncio.ensure_future(engine.invoke(program, b"", timeout=5))
    await until(lambda: engine.stats().parked == 1)
    assert not sleeper.done()
    outcome = await sleeper
    assert (outcome.end, outcome.exit_code) == (End.EXITED, 0)
    assert outcome.wall >= 0.06
