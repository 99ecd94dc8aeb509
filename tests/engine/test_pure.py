"""What is special to running guests without the native library: Python on a guest's stack, the ticker."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.limits import Limits
from gojinn.engine.link import link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import RECORD, End, Outcome, records
from gojinn.engine.pure import PureCore
from gojinn.engine.pure.memory import GuestMemory
from gojinn.engine.recorder import TRUNCATED, Recorder
from gojinn.engine.sandbox import PREEMPTED, Plan, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.engine.ticker import IDLE_TICKS, Ticker
from gojinn.testing.guests import guest, printing

Compile = Callable[..., Path]


@pytest.fixture
def core() -> Iterator[PureCore]:
    core = PureCore(EngineSettings(slots=300, implementation="pure"), metered=False)
    yield core
    assert core.live() == 0
    core.close()


@pytest.fixture
def start(core: PureCore, compiled: Compile) -> Callable[..., Outcome | Sandbox]:
    """`start(source)`: starts a guest."""

    def run(source: str | bytes | Path, limits: Limits | None = None) -> Outcome | Sandbox:
        with loaded(core.engine, compiled(source)) as module, types_of(module) as types:
            pre = link(core, module, types, (), files=False)
        program = core.program(pre, Plan(("guest",), {}, limits or Limits(), metered=False))
        try:
            return core.start(program, b"")
        finally:
            core.release(program)

    return run


RANDOM = """(module
  (import "wasi_snapshot_preview1" "random_get" (func $get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 16)
  (func (export "_start") (call $exit (call $get (i32.const 8) (i32.const 1000000)))))"""


def ended(started: Outcome | Sandbox) -> Outcome:
    """The end of a guest; a busy machine may take even a short one's slice away."""
    outcome = None if not isinstance(started, Outcome) else started
    while outcome is None:
        outcome = started.step()
    return outcome


def raising(error: BaseException) -> Callable[..., None]:
    def function(*args: object) -> None:
        raise error

    return function


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError(), RuntimeError("bug"), SystemExit(3)])
def test_an_exception_below_a_guest_kills_it_and_comes_out(core, start, monkeypatch, error):
    monkeypatch.setattr("gojinn.engine.pure.guest.PureSandbox.write_output", raising(error))
    with pytest.raises(type(error)) as caught:
        ended(start(printing(b"x")))
    assert caught.value is error
    assert core.live() == 0
    monkeypatch.undo()
    assert ended(start(printing(b"x"))).stdout == b"x"


def test_an_exception_in_host_log_comes_out(core, start, monkeypatch):
    monkeypatch.setattr(Recorder, "append", raising(ValueError("bug")))
    with pytest.raises(ValueError, match="bug"):
        ended(start(guest("host_log")))
    assert core.live() == 0


def test_an_exception_in_random_get_comes_out(core, start, monkeypatch):
    monkeypatch.setattr(GuestMemory, "reach", raising(ValueError("bug")))
    with pytest.raises(ValueError, match="bug"):
        ended(start(RANDOM))
    assert core.live() == 0


def test_many_random_bytes_come_in_slices(start):
    sandbox = start(RANDOM)
    outcome, steps = None, 0
    while outcome is None:
        assert sandbox.operation == PREEMPTED
        outcome, steps = sandbox.step(), steps + 1
    assert (outcome.end, outcome.exit_code) == (End.EXITED, 0)
    assert steps >= 1_000_000 >> 16


def test_a_guest_that_waits_for_random_bytes_is_killed(core, start):
    sandbox = start(RANDOM)
    assert sandbox.step() is None
    assert sandbox.stop(End.TIMEOUT).end is End.TIMEOUT


def test_scratch_memory_of_a_suspended_guest_is_its_own(core, start):
    first = start(guest("endless_loop"))
    second = start(guest("endless_loop"))
    assert ended(start(printing(b"between"))).stdout == b"between"
    assert first.scratch is not second.scratch
    assert first.step() is None
    assert second.step() is None
    first.discard()
    assert second.step() is None
    second.discard()


def test_thousands_of_guests_leave_nothing(start):
    hello = printing(b"hello")
    for _ in range(300):
        ended(start(hello))
    before = resident()
    for _ in range(3000):
        assert ended(start(hello)).stdout == b"hello"
    assert resident() - before < 2 << 20


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def test_closing_twice_and_with_programs_left_is_fine(compiled):
    core = PureCore(EngineSettings(slots=2), metered=False)
    with loaded(core.engine, compiled(printing(b"x"))) as module, types_of(module) as types:
        pre = link(core, module, types, (), files=False)
    core.program(pre, Plan(("guest",), {}, Limits(), metered=False))
    core.close()
    core.close()


# The ticker


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


@pytest.fixture
def ticker() -> Iterator[Ticker]:
    ticks: list[None] = []
    ticker = Ticker(lambda: ticks.append(None), 0.001)
    ticker.ticks = ticks  # type: ignore[attr-defined]
    yield ticker
    ticker.close()


def poll_begins(ticker: Ticker) -> None:
    ticker.polls += 1
    if ticker.parked:
        ticker.wake()


def test_the_ticker_starts_parked(ticker):
    wait_for(lambda: ticker.parked)
    assert not ticker.ticks


def test_the_ticker_ticks_as_long_as_a_poll_takes(ticker):
    wait_for(lambda: ticker.parked)
    poll_begins(ticker)
    wait_for(lambda: len(ticker.ticks) > 3 * IDLE_TICKS)
    assert not ticker.parked


def test_the_ticker_parks_after_the_last_poll(ticker):
    poll_begins(ticker)
    ticker.polls += 1
    wait_for(lambda: bool(ticker.ticks))
    wait_for(lambda: ticker.parked)
    count = len(ticker.ticks)
    poll_begins(ticker)
    wait_for(lambda: len(ticker.ticks) > count)


def test_a_closed_ticker_does_not_tick(ticker):
    poll_begins(ticker)
    ticker.close()
    count = len(ticker.ticks)
    assert not ticker.thread.is_alive()
    assert len(ticker.ticks) == count


# The log


def test_records_are_written_as_they_are_read():
    recorder = Recorder(1000)
    for level, text in [(4, b"a"), (4, b"b"), (1, b"note"), (4, b""), (4, b"c"), (0, b"")]:
        recorder.append(level, text)
    assert list(records(bytes(recorder.data))) == [(4, "ab"), (1, "note"), (4, "c"), (0, "")]


@pytest.mark.parametrize("limit", range(40))
def test_a_log_ends_at_its_limit_with_one_marker(limit):
    recorder = Recorder(limit)
    for _ in range(10):
        recorder.append(1, b"123")
    assert len(recorder.data) <= limit + RECORD.size + len(TRUNCATED)
    assert [r.text for r in records(bytes(recorder.data))].count(TRUNCATED.decode()) == 1
