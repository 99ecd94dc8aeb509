"""What only the native library does: its ticker, its pieces of random bytes, giving memory back."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine import library as module
from gojinn.engine.capi import capi
from gojinn.engine.core import NativeCore, open_core
from gojinn.engine.host import HostFunction
from gojinn.engine.library import LIBRARY, native
from gojinn.engine.limits import Limits
from gojinn.engine.link import link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.sandbox import PREEMPTED, Plan, Sandbox
from gojinn.engine.settings import EngineSettings
from gojinn.engine.stamp import stamp
from gojinn.errors import StartError
from gojinn.testing.guests import guest, printing

Compile = Callable[..., Path]

PARKING = """(module (import "test" "park" (func $park)) (memory (export "memory") 2)
  (func (export "_start") (call $park)))"""


async def unserved(guest: object) -> None:
    raise AssertionError("these tests answer host calls themselves")


HOSTS = (HostFunction("test", "park", (), None, unserved),)


@pytest.fixture
def core() -> Iterator[NativeCore]:
    core = NativeCore(EngineSettings(slots=600), metered=False)
    yield core
    core.close()


def program(core: NativeCore, path: Path) -> int:
    with loaded(core.engine, path) as module, types_of(module) as types:
        pre = link(core, module, types, HOSTS, files=False)
    return core.program(pre, Plan(("guest",), {}, Limits(), metered=False))


def start(core: NativeCore, path: Path) -> Outcome | Sandbox:
    handle = program(core, path)
    try:
        return core.start(handle, b"")
    finally:
        core.release(handle)


def ticker_threads() -> list[Path]:
    tasks = Path("/proc/self/task").iterdir()
    return [task for task in tasks if (task / "comm").read_text() == "gojinn-ticker\n"]


def the_ticker() -> Path:
    """Of the only engine. The thread names itself a moment after the engine is there."""
    until(lambda: len(ticker_threads()) == 1)
    return ticker_threads()[0]


def wakeups(thread: Path) -> int:
    lines = (thread / "status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("voluntary_ctxt_switches")).split()[1])


def until(condition: Callable[[], bool]) -> None:
    """Asks every few milliseconds, for ten seconds at most."""
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def sleeps(thread: Path) -> Callable[[], bool]:
    """Holds once the thread has not woken for twenty questions, that is twenty ticks."""
    seen = [wakeups(thread)]

    def condition() -> bool:
        seen.append(wakeups(thread))
        return len(seen) > 20 and len(set(seen[-20:])) == 1

    return condition


def test_native_library_is_the_default() -> None:
    core = open_core(EngineSettings(slots=2), metered=False)
    assert core.implementation == "core"
    core.close()


def test_library_of_other_sources_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sources = Path(shutil.copytree(module.SOURCES, tmp_path / "native"))
    monkeypatch.setattr(module, "SOURCES", sources)
    assert native.__wrapped__().stamp() == stamp(sources)
    with (sources / "core.c").open("a") as file:
        file.write("// changed\n")
    with pytest.raises(StartError, match="is not built of the sources in") as refused:
        native.__wrapped__()
    assert refused.value.hint == "build it: 'python packaging/backend.py'"


def test_missing_library_says_how_to_build_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "LIBRARY", tmp_path / "none.so")
    with pytest.raises(StartError, match="cannot be loaded") as refused:
        native.__wrapped__()
    assert refused.value.hint == "build it: 'python packaging/backend.py'"


def test_missing_symbol_of_wasmtime_is_named() -> None:
    assert native().load(str(LIBRARY).encode()) == b"wasmtime_engine_increment_epoch"
    assert native().load(b"/no/such/library.so") == b"the library itself"
    assert native().load(str(capi().path).encode()) is None


def test_undeclared_function_is_named() -> None:
    with pytest.raises(AttributeError, match="'nonsense' is not a declared function"):
        native().nonsense  # noqa: B018


def test_ticker_rests_while_no_guest_runs(core: NativeCore, compiled: Compile) -> None:
    start(core, compiled(printing(b"hello")))
    thread = the_ticker()
    until(sleeps(thread))


def test_parked_guest_does_not_keep_the_ticker_awake(core: NativeCore, compiled: Compile) -> None:
    sandbox = start(core, compiled(PARKING))
    assert not isinstance(sandbox, Outcome)
    thread = the_ticker()
    until(sleeps(thread))
    sandbox.discard()


def test_rested_ticker_preempts_the_next_busy_guest(core: NativeCore, compiled: Compile) -> None:
    path = compiled(guest("endless_loop"))
    for _ in range(3):
        sandbox = start(core, path)
        assert not isinstance(sandbox, Outcome)
        sandbox.discard()


def test_closed_engine_leaves_no_thread() -> None:
    before = len(ticker_threads())
    core = NativeCore(EngineSettings(slots=2), metered=False)
    until(lambda: len(ticker_threads()) == before + 1)
    core.close()
    assert len(ticker_threads()) == before


def test_many_random_bytes_come_in_slices(core: NativeCore, compiled: Compile) -> None:
    source = """(module
      (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
      (memory (export "memory") 5)
      (func (export "_start")
        (if (call $random (i32.const 0) (i32.const 300000)) (then unreachable))
        (call $exit (i64.ne (i64.load (i32.const 299992)) (i64.const 0)))))"""
    outcome = start(core, compiled(source))
    slices = 1
    while not isinstance(outcome, Outcome):
        assert outcome.operation == PREEMPTED
        assert slices < 20
        slices += 1
        outcome = outcome.step() or outcome
    assert (outcome.end, outcome.exit_code) == (End.EXITED, 1)
    assert slices == 5


@pytest.mark.slow
def test_crowd_of_guests_gives_its_memory_back(core: NativeCore, compiled: Compile) -> None:
    handle = program(core, compiled(PARKING))
    for _ in range(2):
        crowd = [core.start(handle, b"") for _ in range(600)]
        resident = resident_kib()
        for sandbox in crowd:
            assert not isinstance(sandbox, Outcome)
            sandbox.discard()
        # 256 slots may stay warm with 128 KiB each; without cooling it would be 75 MiB for all 600.
        assert resident_kib() - resident < 40 << 10
    core.release(handle)


def resident_kib() -> int:
    line = next(s for s in Path("/proc/self/status").read_text().splitlines() if s.startswith("VmRSS"))
    return int(line.split()[1])
