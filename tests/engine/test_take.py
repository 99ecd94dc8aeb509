"""`gojinn.host_take`, which copies what a host function has kept while the guest runs on, in both engines."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.driver import Engine, Program
from gojinn.engine.host import GuestCall, GuestFault, HostFunction
from gojinn.engine.limits import Limits, Mount, ProgramSpec
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.settings import EngineSettings, Implementation

Compile = Callable[..., Path]

ANSWER = b"answer"
PAGE = 65536

HEAD = """
  (import "test" "keep" (func $keep (param i32)))
  (import "test" "same" (func $same (param i32 i32) (result i32)))
  (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (func $show (param $at i32) (param $size i32)
    (i32.store (i32.const 16) (local.get $at)) (i32.store (i32.const 20) (local.get $size))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32))))
"""


def taking(body: str, pages: int = 1) -> str:
    """A guest that takes; `$keep` has the host keep that many bytes of its answer, over and over."""
    return f"""(module {HEAD} (memory (export "memory") {pages})
      (func (export "_start") (local $size i32) {body}))"""


def kept(count: int) -> bytes:
    return (ANSWER * (count // len(ANSWER) + 1))[:count]


async def keep(guest: GuestCall, count: int) -> None:
    guest.keep(kept(count))


async def same(guest: GuestCall, at: int, limit: int) -> int:
    return 0


HOSTS = (
    HostFunction("test", "keep", ("i32",), None, keep),
    HostFunction("test", "same", ("i32", "i32"), "i32", same),
)


@pytest.fixture
async def engine(implementation: Implementation) -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=4, metered_slots=4, implementation=implementation))
    yield engine
    assert engine.stats().live == 0
    engine.close()


@pytest.fixture
def load(engine: Engine, compiled: Compile) -> Iterator[Callable[..., Program]]:
    loaded = []

    def load(source: str, limits: Limits | None = None, mounts: tuple[Mount, ...] = ()) -> Program:
        limits = limits or Limits()
        path = compiled(source, metered=limits.fuel is not None)
        loaded.append(engine.load(path, ProgramSpec(limits=limits, mounts=mounts), HOSTS))
        return loaded[-1]

    yield load
    for program in loaded:
        program.close()


async def run(engine: Engine, program: Program, stdin: bytes = b"", timeout: float = 30) -> Outcome:
    return await engine.invoke(program, stdin, timeout=timeout)


TAKE = "(local.set $size (call $take (i32.const 64) (i32.const 4096)))"
SHOW = "(call $show (i32.const 64) (local.get $size))"


async def test_what_was_kept_is_taken(engine: Engine, load: Callable[..., Program]) -> None:
    outcome = await run(engine, load(taking(f"(call $keep (i32.const 6)) {TAKE} {SHOW}")))
    assert (outcome.end, outcome.stdout) == (End.RETURNED, ANSWER)


async def test_a_buffer_that_is_too_small_gets_the_beginning(
    engine: Engine, load: Callable[..., Program]
) -> None:
    body = """(call $keep (i32.const 6)) (i32.store8 (i32.const 67) (i32.const 33))
      (local.set $size (call $take (i32.const 64) (i32.const 3)))
      (call $show (i32.const 64) (i32.const 4)) (call $exit (local.get $size))"""
    outcome = await run(engine, load(taking(body)))
    assert (outcome.exit_code, outcome.stdout) == (3, b"ans!")


async def test_it_may_be_taken_again(engine: Engine, load: Callable[..., Program]) -> None:
    outcome = await run(engine, load(taking(f"(call $keep (i32.const 6)) {(TAKE + SHOW) * 3}")))
    assert outcome.stdout == ANSWER * 3


async def test_the_last_answer_counts(engine: Engine, load: Callable[..., Program]) -> None:
    body = f"(call $keep (i32.const 600)) (call $keep (i32.const 2)) {TAKE} {SHOW}"
    assert (await run(engine, load(taking(body)))).stdout == b"an"


@pytest.mark.parametrize("before", ["", "(call $keep (i32.const 6)) (call $keep (i32.const 0))"])
async def test_where_nothing_is_kept_nothing_is_touched(
    engine: Engine, load: Callable[..., Program], before: str
) -> None:
    body = f"{before} (call $exit (i32.add (i32.const 7) (call $take (i32.const -1) (i32.const -1))))"
    assert (await run(engine, load(taking(body)))).exit_code == 7


async def test_no_guest_takes_what_is_another_s(engine: Engine, load: Callable[..., Program]) -> None:
    keeping, asking = load(taking("(call $keep (i32.const 6))")), load(taking(TAKE + SHOW))
    for _ in range(3):
        assert (await run(engine, keeping)).end is End.RETURNED
        assert (await run(engine, asking)).stdout == b""


@pytest.mark.parametrize(
    ("at", "limit"), [(PAGE - 5, 6), (PAGE - 5, -1), (PAGE, 6), (-1, 6), (-6, -1), (-(1 << 31), 1)]
)
async def test_a_range_outside_of_memory_traps(
    engine: Engine, load: Callable[..., Program], at: int, limit: int
) -> None:
    body = f"(call $keep (i32.const 6)) (drop (call $take (i32.const {at}) (i32.const {limit})))"
    outcome = await run(engine, load(taking(body)))
    size = min(6, limit & 0xFFFFFFFF)
    expected = f"gojinn.host_take: {size} bytes at {at & 0xFFFFFFFF} are not in the guest's memory\n  at "
    assert outcome.end is End.TRAPPED
    assert outcome.trap.startswith(expected)


async def test_a_guest_without_memory_cannot_take(engine: Engine, load: Callable[..., Program]) -> None:
    source = """(module (import "test" "keep" (func $keep (param i32)))
      (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
      (func (export "_start") (call $keep (i32.const 6)) (drop (call $take (i32.const 0) (i32.const 9)))))"""
    outcome = await run(engine, load(source))
    assert outcome.trap.startswith("gojinn.host_take: 6 bytes at 0 are not in the guest's memory")


async def test_memory_that_has_grown_counts(engine: Engine, load: Callable[..., Program]) -> None:
    body = """(call $keep (i32.const 200000)) (drop (memory.grow (i32.const 4)))
      (local.set $size (call $take (i32.const 65530) (i32.const -1)))
      (call $show (i32.const 65530) (local.get $size))"""
    assert (await run(engine, load(taking(body)))).stdout == kept(200_000)


async def test_it_is_taken_while_the_module_starts(engine: Engine, load: Callable[..., Program]) -> None:
    source = f"""(module {HEAD} (memory (export "memory") 1)
      (func $init (local $size i32) (call $keep (i32.const 6)) {TAKE} {SHOW}) (start $init)
      (func (export "_start")))"""
    assert (await run(engine, load(source))).stdout == ANSWER


async def test_the_result_has_the_width_that_is_declared(
    engine: Engine, load: Callable[..., Program]
) -> None:
    source = """(module (import "test" "keep" (func $keep (param i32)))
      (import "gojinn" "host_take" (func $take (param i32 i32) (result i64)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (func (export "_start") (call $keep (i32.const 6))
        (call $exit (i32.wrap_i64 (i64.add (i64.const 1) (call $take (i32.const 0) (i32.const 9)))))))"""
    assert (await run(engine, load(source))).exit_code == 7


async def test_a_guest_with_mounts_takes_as_well(
    engine: Engine, load: Callable[..., Program], tmp_path: Path
) -> None:
    program = load(
        taking(f"(call $keep (i32.const 6)) {TAKE} {SHOW}"), mounts=(Mount(str(tmp_path), "/data"),)
    )
    assert (await run(engine, program)).stdout == ANSWER


async def test_endless_taking_lets_others_run_and_ends_in_time(
    engine: Engine, load: Callable[..., Program]
) -> None:
    loop = "(call $keep (i32.const 60000)) (loop $again (drop (call $take (i32.const 0) (i32.const -1)))"
    busy = asyncio.ensure_future(run(engine, load(taking(f"{loop} (br $again))")), timeout=0.2))
    rounds = 0
    while not busy.done():
        await asyncio.sleep(0)
        rounds += 1
    assert busy.result().end is End.TIMEOUT
    assert rounds > 5


async def test_taking_costs_the_fuel_of_any_call(engine: Engine, load: Callable[..., Program]) -> None:
    async def fuel(function: str) -> int:
        call = f"(drop (call {function} (i32.const 0) (i32.const 4096)))"
        program = load(taking(f"(call $keep (i32.const 4096)) {call * 10}"), Limits(fuel=10_000))
        outcome = await run(engine, program)
        assert outcome.end is End.RETURNED
        return outcome.fuel

    assert await fuel("$take") == await fuel("$same")


async def test_fuel_runs_out_in_a_loop_of_takes(engine: Engine, load: Callable[..., Program]) -> None:
    loop = "(loop $again (drop (call $take (i32.const 0) (i32.const 9))) (br $again))"
    outcome = await run(engine, load(taking(loop), Limits(fuel=100_000)))
    assert (outcome.end, outcome.fuel) == (End.FUEL, 100_000)


async def test_nothing_is_kept_for_a_guest_that_has_ended(
    engine: Engine, load: Callable[..., Program]
) -> None:
    seen = []

    async def call(guest: GuestCall, count: int) -> None:
        seen.append(guest)

    program = load(taking("(call $keep (i32.const 6))"))
    noting = HostFunction("test", "keep", ("i32",), None, call)
    program.hosts = tuple(noting if host.name == "keep" else host for host in program.hosts)
    await run(engine, program)
    with pytest.raises(GuestFault, match="the guest has ended"):
        seen[0].keep(ANSWER)


async def test_random_ranges_are_served_or_refused_as_they_should(
    engine: Engine, load: Callable[..., Program]
) -> None:
    """The guest takes what its input says: size of the answer, pointer, limit, pages to grow by before."""
    body = """(i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 16))
      (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 32)))
      (call $keep (i32.load (i32.const 8))) (drop (memory.grow (i32.load (i32.const 20))))
      (call $exit (call $take (i32.load (i32.const 12)) (i32.load (i32.const 16))))"""
    program = load(taking(body))
    chance = random.Random(4)
    edges = [
        0,
        1,
        64,
        PAGE - 1,
        PAGE,
        PAGE + 1,
        2 * PAGE - 1,
        2 * PAGE,
        1 << 31,
        (1 << 31) - 1,
        (1 << 32) - 1,
    ]
    for _ in range(300):
        size, grow = chance.choice([0, 1, 5, 4096, PAGE, 3 * PAGE]), chance.choice([0, 1])
        at, limit = (chance.choice(edges) if chance.random() < 0.7 else chance.getrandbits(32) for _ in "ab")
        given = b"".join(number.to_bytes(4, "little") for number in (size, at, limit, grow))
        outcome = await run(engine, program, given)
        taken = min(size, limit)
        if not taken or at + taken <= PAGE * (1 + grow):
            assert (outcome.end, outcome.exit_code) == (End.EXITED, taken)
        else:
            assert outcome.end is End.TRAPPED
