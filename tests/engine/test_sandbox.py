"""The interface of a sandbox, which both implementations have to keep."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from gojinn.engine.core import open_core
from gojinn.engine.host import GuestFault, HostFunction
from gojinn.engine.limits import Limits
from gojinn.engine.link import link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import End, Outcome, Record, records
from gojinn.engine.poll import poll_oneoff
from gojinn.engine.sandbox import PREEMPTED, ModuleCore, Plan, Sandbox
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.engine.wasi import FUNCTIONS
from gojinn.errors import BugError
from gojinn.testing.guests import guest, printing

Compile = Callable[..., Path]

WASI = "wasi_snapshot_preview1"


async def unserved(guest: object, *args: int) -> int:
    raise AssertionError("these tests answer host calls themselves")


HOSTS = (
    poll_oneoff(files=False),
    HostFunction("test", "narrow", ("i32", "i64"), "i32", unserved),
    HostFunction("test", "wide", ("i32",), "i64", unserved),
    HostFunction("test", "nothing", (), None, unserved),
)
POLL, NARROW, WIDE, NOTHING = range(4)


class Bench:
    """Runs guests on one core, one step at a time."""

    def __init__(self, core: ModuleCore, compiled: Compile, *, metered: bool = False) -> None:
        self.core = core
        self.compiled = compiled
        self.metered = metered

    def program(
        self,
        source: str | bytes | Path,
        *,
        limits: Limits | None = None,
        args: tuple[str, ...] = ("guest",),
        env: Mapping[str, str] | None = None,
    ) -> int:
        path = self.compiled(source, metered=self.metered)
        with loaded(self.core.engine, path) as module, types_of(module) as types:
            pre = link(self.core, module, types, HOSTS, files=False)
        return self.core.program(pre, Plan(args, env or {}, limits or Limits(), self.metered))

    def start(self, source: str | bytes | Path, stdin: bytes = b"", **plan: object) -> Outcome | Sandbox:
        program = self.program(source, **plan)  # type: ignore[arg-type]
        try:
            return self.core.start(program, stdin)
        finally:
            self.core.release(program)

    def ended(self, source: str | bytes | Path, stdin: bytes = b"", **plan: object) -> Outcome:
        """Of a guest that calls nobody; a busy machine may make it need several slices."""
        outcome = self.start(source, stdin, **plan)
        while not isinstance(outcome, Outcome):
            outcome = outcome.step() or outcome
        return outcome

    def suspended(self, source: str | bytes | Path, stdin: bytes = b"", **plan: object) -> Sandbox:
        """Of a guest that waits or is busy."""
        sandbox = self.start(source, stdin, **plan)
        assert not isinstance(sandbox, Outcome)
        return sandbox

    def parked(self, source: str | bytes | Path, stdin: bytes = b"") -> Sandbox:
        """Of a guest that calls the host soon."""
        sandbox = self.suspended(source, stdin)
        while sandbox.operation == PREEMPTED:
            assert sandbox.step() is None
        return sandbox


@pytest.fixture
def bench(implementation: Implementation, compiled: Compile) -> Iterator[Bench]:
    core = open_core(EngineSettings(slots=8, implementation=implementation), metered=False)
    yield Bench(core, compiled)
    assert core.live() == 0
    core.close()


@pytest.fixture
def meter(implementation: Implementation, compiled: Compile) -> Iterator[Bench]:
    core = open_core(EngineSettings(metered_slots=8, implementation=implementation), metered=True)
    yield Bench(core, compiled, metered=True)
    core.close()


def wasi_calls(*calls: tuple[str, ...], data: str = "", pages: int = 1) -> str:
    """A guest that makes these preview 1 calls and exits with what the last returned."""
    names = {name for name, *_ in calls}
    imports = "".join(
        f'(import "{WASI}" "{name}" (func ${name} (param {" ".join(FUNCTIONS[name].params)})'
        f"{'(result i32)' if FUNCTIONS[name].results else ''}))"
        for name in sorted(names - {"proc_exit"})
    )
    made = "".join(f"(local.set $errno (call ${name} {constants(name, args)}))" for name, *args in calls)
    return f"""(module {imports}
      (import "{WASI}" "proc_exit" (func $proc_exit (param i32)))
      (memory (export "memory") {pages})
      {data}
      (func (export "_start") (local $errno i32) {made} (call $proc_exit (local.get $errno))))"""


def constants(name: str, args: list[str]) -> str:
    kinds = FUNCTIONS[name].params
    assert len(args) == len(kinds)
    return " ".join(f"({kind}.const {arg})" for kind, arg in zip(kinds, args, strict=True))


def test_returned_guest_leaves_its_output(bench: Bench) -> None:
    outcome = bench.ended(printing(b"hello"))
    assert (outcome.end, outcome.stdout, outcome.exit_code, outcome.trap) == (End.RETURNED, b"hello", 0, "")
    assert outcome.memory == 65536
    assert 0 < outcome.wall < 5


def test_guest_without_anything_returns(bench: Bench) -> None:
    outcome = bench.ended('(module (func (export "_start")))')
    assert (outcome.end, outcome.memory, outcome.fuel) == (End.RETURNED, 0, 0)


def test_exit_code_is_kept_whole(bench: Bench) -> None:
    outcome = bench.ended(printing(b"partly", exit_code=4_000_000_000))
    assert (outcome.end, outcome.exit_code, outcome.stdout) == (End.EXITED, 4_000_000_000, b"partly")


def test_trap_tells_kind_and_callers(bench: Bench) -> None:
    outcome = bench.ended('(module (func $inner unreachable) (func $outer (export "_start") (call $inner)))')
    kind, *frames = outcome.trap.splitlines()
    assert outcome.end is End.TRAPPED
    assert "unreachable" in kind
    assert [frame.split()[1] for frame in frames] == ["inner", "outer"]


@pytest.mark.parametrize("name", ["recursion", "div_by_zero", "out_of_bounds", "table_bomb", "unreachable"])
def test_hostile_guest_traps(bench: Bench, name: str) -> None:
    outcome = bench.ended(guest(name))
    assert outcome.end is End.TRAPPED
    assert outcome.trap


@pytest.mark.parametrize(
    ("name", "hint"), [("recursion", "without an end"), ("out_of_bounds", "fills the stack")]
)
def test_trap_without_a_line_of_the_authors_has_a_hint(bench: Bench, name: str, hint: str) -> None:
    last = bench.ended(guest(name)).trap.splitlines()[-1]
    assert last.startswith("hint: look for")
    assert hint in last


def test_deep_backtrace_is_cut(bench: Bench) -> None:
    assert len(bench.ended(guest("recursion")).trap.splitlines()) < 50


# Input, arguments, environment


def test_stdin_is_read_in_pieces(bench: Bench) -> None:
    # Two vectors of 3 and 2 bytes, then one of 8: 5 bytes and 1.
    source = wasi_calls(
        ("fd_read", "0", "0", "2", "40"),
        ("fd_read", "0", "16", "1", "44"),
        ("fd_write", "1", "24", "1", "48"),
        data=r"""(data (i32.const 0) "\64\00\00\00\03\00\00\00\67\00\00\00\02\00\00\00")
                 (data (i32.const 16) "\69\00\00\00\08\00\00\00\28\00\00\00\48\00\00\00")""",
    )
    outcome = bench.ended(source, b"abcdef")
    assert outcome.stdout[:8] == (5).to_bytes(4, "little") + (1).to_bytes(4, "little")
    assert outcome.stdout[60:66] == b"abcdef"


def test_end_of_stdin_reads_nothing(bench: Bench) -> None:
    source = wasi_calls(
        ("fd_read", "0", "0", "1", "8"),
        ("fd_write", "1", "16", "1", "24"),
        data=r"""(data (i32.const 0) "\64\00\00\00\04\00\00\00\ff\ff\ff\ff")
                 (data (i32.const 16) "\08\00\00\00\04\00\00\00")""",
    )
    assert bench.ended(source).stdout == bytes(4)


def strings_guest(sizes: str, get: str) -> str:
    """Prints the two sizes and the bytes that `get` writes (pointers at 64, text at 128)."""
    return wasi_calls(
        (sizes, "0", "4"),
        (get, "64", "128"),
        ("fd_write", "1", "16", "2", "60"),
        data=r'(data (i32.const 16) "\00\00\00\00\08\00\00\00\40\00\00\00\80\00\00\00")',
    )


def test_arguments_arrive(bench: Bench) -> None:
    out = bench.ended(strings_guest("args_sizes_get", "args_get"), args=("prog", "", "väl")).stdout
    assert out[:8] == (3).to_bytes(4, "little") + (11).to_bytes(4, "little")
    assert [int.from_bytes(out[8 + i : 12 + i], "little") for i in (0, 4, 8)] == [128, 133, 134]
    assert out[8 + 64 :].startswith("prog\0\0väl\0".encode())


def test_environment_arrives(bench: Bench) -> None:
    out = bench.ended(strings_guest("environ_sizes_get", "environ_get"), env={"A": "1", "B": ""}).stdout
    assert out[:8] == (2).to_bytes(4, "little") + (7).to_bytes(4, "little")
    assert out[8 + 64 :].startswith(b"A=1\0B=\0")


def test_empty_environment_arrives(bench: Bench) -> None:
    assert bench.ended(strings_guest("environ_sizes_get", "environ_get")).stdout[:8] == bytes(8)


# Memory


def test_refused_growth_that_kills_is_memory(bench: Bench) -> None:
    outcome = bench.ended(guest("memory_bomb"), limits=Limits(memory=4 << 20))
    assert outcome.end is End.MEMORY
    assert outcome.memory <= 4 << 20


def test_refused_growth_that_is_survived_is_no_failure(bench: Bench) -> None:
    assert bench.ended(guest("grow_refused")).end is End.RETURNED


def test_exit_after_refused_growth_is_memory(bench: Bench) -> None:
    source = f"""(module (import "{WASI}" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
      (func (export "_start") (drop (memory.grow (i32.const 65535))) (call $exit (i32.const 2))))"""
    assert bench.ended(source).end is End.MEMORY


def test_initial_memory_over_the_limit_is_memory(bench: Bench) -> None:
    outcome = bench.ended('(module (memory 100) (func (export "_start")))', limits=Limits(memory=99 << 16))
    assert outcome.end is End.MEMORY
    assert outcome.trap


def test_initial_memory_at_the_limit_runs(bench: Bench) -> None:
    source = '(module (memory (export "memory") 100) (func (export "_start")))'
    outcome = bench.ended(source, limits=Limits(memory=100 << 16))
    assert (outcome.end, outcome.memory) == (End.RETURNED, 100 << 16)


def test_initial_table_over_the_limit_traps(bench: Bench) -> None:
    source = '(module (table 101 funcref) (func (export "_start")))'
    assert bench.ended(source, limits=Limits(tables=100)).end is End.TRAPPED


def test_next_guest_finds_clean_memory(bench: Bench) -> None:
    source = """(module (memory (export "memory") 1)
      (func (export "_start") (if (i32.load (i32.const 60000)) (then unreachable))
        (i32.store (i32.const 60000) (i32.const 7))))"""
    assert {bench.ended(source).end for _ in range(20)} == {End.RETURNED}


# Output and log


def test_output_past_its_limit_ends_the_guest(bench: Bench) -> None:
    outcome = bench.ended(guest("huge_stdout"), limits=Limits(output=100_000))
    assert (outcome.end, len(outcome.stdout), outcome.trap) == (End.OUTPUT, 100_000, "")


def test_output_at_its_limit_is_fine(bench: Bench) -> None:
    assert bench.ended(printing(b"x" * 1000), limits=Limits(output=1000)).end is End.RETURNED


def test_large_output_does_not_leak_into_the_next(bench: Bench) -> None:
    assert len(bench.ended(printing(b"x" * 200_000)).stdout) == 200_000
    assert bench.ended(printing(b"y")).stdout == b"y"


def test_log_keeps_order_and_joins_stderr(bench: Bench) -> None:
    source = rf"""(module
      (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
      (import "{WASI}" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) (data (i32.const 0) "ab") (data (i32.const 8) "\00\00\00\00\01\00\00\00")
      (func $err (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 16))))
      (func (export "_start")
        (call $log (i32.const 0) (i32.const 0) (i32.const 2)) (call $err) (call $err)
        (call $log (i32.const 3) (i32.const 0) (i32.const 0)) (call $err)
        (call $log (i32.const -7) (i32.const 1) (i32.const 1))))"""
    expected = [Record(0, "ab"), Record(4, "aa"), Record(3, ""), Record(4, "a"), Record(3, "b")]
    assert list(records(bench.ended(source).log)) == expected


def test_log_past_its_limit_is_cut_behind_a_marker(bench: Bench) -> None:
    outcome = bench.ended(guest("huge_stderr"), limits=Limits(log=1000))
    kept, marker = records(outcome.log)
    assert outcome.end is End.RETURNED
    assert len(kept.text) == 995
    assert marker == Record(2, "log truncated: its limit is reached")


def test_log_without_room_is_the_marker_only(bench: Bench) -> None:
    outcome = bench.ended(printing(b"", stderr=b"text"), limits=Limits(log=0))
    assert [record.level for record in records(outcome.log)] == [2]


def test_log_outside_of_memory_traps(bench: Bench) -> None:
    source = """(module (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
      (memory (export "memory") 1)
      (func (export "_start") (call $log (i32.const 1) (i32.const 65535) (i32.const 2))))"""
    assert bench.ended(source).end is End.TRAPPED


# Fuel


def test_fuel_is_the_same_every_time(meter: Bench) -> None:
    fuel = {meter.ended(printing(b"hello"), limits=Limits(fuel=100_000)).fuel for _ in range(5)}
    assert len(fuel) == 1
    assert 0 < fuel.pop() < 1000


def test_used_up_fuel_ends_the_guest(meter: Bench) -> None:
    outcome = meter.ended(guest("endless_loop"), limits=Limits(fuel=10_000))
    assert (outcome.end, outcome.fuel) == (End.FUEL, 10_000)
    assert "fuel" in outcome.trap


def test_metered_engine_runs_without_a_limit(meter: Bench) -> None:
    outcome = meter.ended(printing(b"hello"), limits=Limits())
    assert (outcome.end, outcome.stdout) == (End.RETURNED, b"hello")


# Slices


@pytest.mark.parametrize("name", ["endless_loop", "start_loop", "log_loop", "host_call_loop"])
def test_busy_guest_is_preempted_and_killed(bench: Bench, name: str) -> None:
    sandbox = bench.suspended(guest(name))
    assert sandbox.operation == PREEMPTED
    assert sandbox.step() is None
    assert sandbox.operation == PREEMPTED
    outcome = sandbox.stop(End.TIMEOUT)
    assert (outcome.end, outcome.trap) == (End.TIMEOUT, "")


def test_long_guest_ends_after_some_slices(bench: Bench) -> None:
    source = """(module (func (export "_start") (local $i i32) (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_u (local.get $i) (i32.const 80000000))))))"""
    outcome: Outcome | None
    outcome = None
    sandbox = bench.suspended(source)
    while outcome is None:
        outcome = sandbox.step()
    assert outcome.end is End.RETURNED
    assert outcome.wall > 0.005


def test_stopped_guest_leaves_what_it_wrote(bench: Bench) -> None:
    outcome = bench.suspended(guest("log_loop")).stop(End.TIMEOUT)
    assert next(records(outcome.log)) == Record(1, "again and again")
    assert outcome.memory == 65536


# Host calls


def calling(function: str, params: str, call: str) -> str:
    """A guest that calls one host function and exits with the low half of the result."""
    return f"""(module (import "test" "{function}" (func $host {params}))
      (import "{WASI}" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 1) (data (i32.const 16) "in memory")
      (func (export "_start") (call $exit {call})))"""


CALL_NARROW = calling("narrow", "(param i32 i64) (result i32)", "(call $host (i32.const -1) (i64.const -2))")
CALL_WIDE = calling(
    "wide",
    "(param i32) (result i64)",
    "(i32.wrap_i64 (i64.shr_u (call $host (i32.const 16)) (i64.const 32)))",
)
CALL_NOTHING = """(module (import "test" "nothing" (func $host)) (func (export "_start") (call $host)))"""


def test_host_call_parks_with_unsigned_arguments(bench: Bench) -> None:
    sandbox = bench.parked(CALL_NARROW)
    assert (sandbox.operation, sandbox.arguments) == (NARROW, (2**32 - 1, 2**64 - 2))
    outcome = sandbox.resume(-3)
    assert outcome is not None
    assert outcome.exit_code == 2**32 - 3


def test_wide_result_is_64_bits(bench: Bench) -> None:
    sandbox = bench.parked(CALL_WIDE)
    assert sandbox.operation == WIDE
    outcome = sandbox.resume(7 << 32)
    assert outcome is not None
    assert outcome.exit_code == 7


def test_call_without_result_resumes(bench: Bench) -> None:
    sandbox = bench.parked(CALL_NOTHING)
    assert (sandbox.operation, sandbox.arguments) == (NOTHING, ())
    outcome = sandbox.resume(1)
    assert outcome is not None
    assert outcome.end is End.RETURNED


def test_start_function_may_call_the_host(bench: Bench) -> None:
    source = """(module (import "test" "wide" (func $host (param i32) (result i64)))
      (memory (export "memory") 1)
      (data (i32.const 0) "early") (func $init (drop (call $host (i32.const 5)))) (start $init)
      (func (export "_start")))"""
    sandbox = bench.parked(source)
    assert sandbox.read(0, 5) == b"early"
    outcome = sandbox.resume(0)
    assert outcome is not None
    assert outcome.end is End.RETURNED


def test_failed_call_traps_with_the_reason(bench: Bench) -> None:
    outcome = bench.parked(CALL_NARROW).fail("no such thing")
    assert outcome is not None
    assert outcome.end is End.TRAPPED
    assert outcome.trap.startswith("no such thing\n  at ")


def test_parked_guest_is_stopped(bench: Bench) -> None:
    assert bench.parked(CALL_NARROW).stop(End.TIMEOUT).end is End.TIMEOUT


def test_guest_memory_is_read_and_written(bench: Bench) -> None:
    sandbox = bench.parked(CALL_WIDE)
    assert sandbox.read(16, 9) == b"in memory"
    sandbox.write(65535, b"!")
    assert sandbox.read(65535, 1) == b"!"
    assert sandbox.read(65536, 0) == b""
    sandbox.discard()


@pytest.mark.parametrize(
    ("ptr", "length"),
    [
        (65535, 2),
        (65536, 1),
        (0, 65537),
        (2**32 - 1, 1),
        (2**32 - 1, 2**32 - 1),
        (-1, 1),
        (0, -1),
        (65537, 0),
    ],
)
def test_range_outside_of_memory_is_a_fault(bench: Bench, ptr: int, length: int) -> None:
    sandbox = bench.parked(CALL_WIDE)
    with pytest.raises(GuestFault):
        sandbox.read(ptr, length)
    if length > 0:
        with pytest.raises(GuestFault):
            sandbox.write(ptr, bytes(min(length, 70000)))
    sandbox.discard()


def test_guest_without_memory_has_nothing_to_read(bench: Bench) -> None:
    sandbox = bench.parked(CALL_NOTHING)
    with pytest.raises(GuestFault):
        sandbox.read(0, 1)
    sandbox.discard()


def test_memory_grown_between_calls_is_seen(bench: Bench) -> None:
    source = """(module (import "test" "nothing" (func $host)) (memory (export "memory") 1)
      (func (export "_start") (call $host) (drop (memory.grow (i32.const 1)))
        (i32.store8 (i32.const 70000) (i32.const 65)) (call $host)))"""
    sandbox = bench.parked(source)
    with pytest.raises(GuestFault):
        sandbox.read(70000, 1)
    assert sandbox.resume(0) is None
    assert sandbox.read(70000, 1) == b"A"
    sandbox.discard()


def test_ended_guest_cannot_be_read(bench: Bench) -> None:
    sandbox = bench.parked(CALL_WIDE)
    sandbox.stop(End.TIMEOUT)
    with pytest.raises(GuestFault):
        sandbox.read(0, 0)
    sandbox.discard()
    sandbox.discard()


def test_poll_shows_stdio_to_its_server(bench: Bench) -> None:
    source = wasi_calls(
        ("fd_close", "0"),
        ("fd_renumber", "2", "1"),
        ("poll_oneoff", "0", "64", "1", "128"),
    )
    sandbox = bench.parked(source, b"unread")
    assert (sandbox.operation, sandbox.arguments) == (POLL, (0, 64, 1, 128))
    assert (sandbox.stdio, sandbox.stdin_left) == ((3, 2, 3), 6)
    sandbox.discard()


# Programs and engines


def test_released_program_runs_on(bench: Bench) -> None:
    program = bench.program(CALL_WIDE)
    sandbox = bench.core.start(program, b"")
    assert not isinstance(sandbox, Outcome)
    bench.core.release(program)
    outcome = sandbox.resume(1 << 32)
    assert outcome is not None
    assert outcome.exit_code == 1


def test_many_programs_take_turns(bench: Bench) -> None:
    programs = [bench.program(printing(str(i).encode())) for i in range(5)]
    for program in programs * 3:
        outcome = bench.core.start(program, b"")
        assert isinstance(outcome, Outcome)
        assert outcome.stdout == str(programs.index(program)).encode()
    for program in programs:
        bench.core.release(program)


def test_engine_with_live_guests_does_not_close(bench: Bench) -> None:
    sandbox = bench.parked(CALL_WIDE)
    assert bench.core.live() == 1
    with pytest.raises(BugError):
        bench.core.close()
    sandbox.discard()


def test_engine_closes_twice(implementation: Implementation) -> None:
    core = open_core(EngineSettings(slots=2, implementation=implementation), metered=False)
    core.close()
    core.close()
    assert core.live() == 0
