"""Reads of SQLite that the native library answers: when it does, when not, what `host_take` then gives."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apsw
import pytest

from gojinn.engine.driver import Engine, Program
from gojinn.engine.host import GuestCall, HostFunction, Lesson
from gojinn.engine.library import LIBRARY, native
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.reads import NativeReads
from gojinn.engine.settings import EngineSettings

READ = b'{"sql":"select ? as a","params":[7]}'
LESSON = Lesson(b"sql.query", READ[:-3], b"]}", b'{"rows":[', 10, 10_000)
ANSWER = b'{"rows":[[7]]}'
OPERATIONS = {"read": b"sql.query", "write": b"sql.exec", "other": b"kv.get"}


class Host:
    """What guests call: answers `python`, teaches when it is told to."""

    def __init__(self) -> None:
        self.database = apsw.Connection(":memory:")
        self.database.enable_load_extension(True)
        self.reads = NativeReads(native(), LIBRARY)
        self.reads.meet_sqlite(self.database.load_extension)
        self.reader = self.reads.open(self.database.sqlite3_pointer(), 1_000, 20)
        self.lesson: Lesson | None = None
        self.calls: list[bytes] = []
        self.functions = (
            HostFunction("test", "call", ("i32",) * 4, "either", self.call),
            HostFunction("test", "park", (), None, self.park),
        )

    def prepare(self, sql: str = "select ? as a") -> int:
        return self.reads.prepare(self.reader, sql, lambda *asked: apsw.SQLITE_OK)

    def close(self) -> None:
        reader, self.reader = self.reader, 0
        if reader:
            self.reads.close(reader)

    async def call(self, guest: GuestCall, op: int, length: int, request: int, size: int) -> int:
        self.calls.append(guest.read(op, length))
        lesson, self.lesson = self.lesson, None
        if lesson is not None:
            reads = guest.reads
            assert reads is not None
            assert not reads.taught(guest, lesson)
            assert reads.teach(guest, self.prepare(), lesson)
            assert reads.taught(guest, lesson)
        guest.keep(b"python")
        return 6

    async def park(self, guest: GuestCall) -> None:
        self.calls.append(b"park")


def called(*op: int) -> str:
    """The call of an operation, whose request is the same for all."""
    arguments = " ".join(f"(i32.const {number})" for number in (*op, 512, len(READ)))
    return f"(drop (call $call {arguments}))"


def calling(*steps: str) -> str:
    """A guest that calls, parks, and takes what there is into its output."""
    texts = {name: (1024 + 64 * at, text) for at, (name, text) in enumerate(OPERATIONS.items())}
    data = [f'(data (i32.const {at}) "{text.decode()}")' for at, text in texts.values()]
    body = {name: called(at, len(text)) for name, (at, text) in texts.items()}
    body["park"] = "(call $park)"
    body["take"] = """(i32.store (i32.const 16) (i32.const 4096))
      (i32.store (i32.const 20) (call $take (i32.const 4096) (i32.const 4096)))
      (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))"""
    request = READ.decode().replace('"', '\\"')
    return f"""(module
      (import "test" "call" (func $call (param i32 i32 i32 i32) (result i32)))
      (import "test" "park" (func $park))
      (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1) {" ".join(data)} (data (i32.const 512) "{request}")
      (func (export "_start") {" ".join(body[step] for step in steps)}))"""


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    yield host
    host.close()
    host.database.close()


Run = Callable[[Program], Any]


@pytest.fixture
def engine() -> Iterator[Engine]:
    engine = Engine(EngineSettings(slots=4, implementation="core"))
    yield engine
    assert engine.stats().live == 0
    engine.close()


@pytest.fixture
def load(engine: Engine, compiled: Callable[..., Path], host: Host) -> Iterator[Callable[..., Program]]:
    loaded: list[Program] = []

    def load(*steps: str) -> Program:
        loaded.append(engine.load(compiled(calling(*steps)), ProgramSpec(), host.functions))
        return loaded[-1]

    yield load
    for program in loaded:
        program.close()


async def run(engine: Engine, program: Program) -> bytes:
    return (await engine.invoke(program, b"", timeout=30)).stdout


Load = Callable[..., Program]


async def test_what_was_taught_is_answered_without_python(engine: Engine, load: Load, host: Host) -> None:
    program = load("read", "take")
    assert await run(engine, program) == b"python"
    host.lesson = LESSON
    assert await run(engine, program) == b"python"
    assert await run(engine, program) == ANSWER
    assert host.calls == [b"sql.query"] * 2


async def test_an_invocation_that_python_has_served_stays_with_it(
    engine: Engine, load: Load, host: Host
) -> None:
    program = load("write", "read", "take")
    host.lesson = LESSON
    for _ in range(3):
        assert await run(engine, program) == b"python"
    program = load("read", "take", "write", "read", "take")
    host.lesson = LESSON
    await run(engine, program)
    assert await run(engine, program) == ANSWER + b"python"


async def test_calls_of_other_capabilities_change_nothing(engine: Engine, load: Load, host: Host) -> None:
    program = load("other", "read", "take")
    host.lesson = LESSON
    await run(engine, program)
    assert await run(engine, program) == ANSWER


async def test_an_answer_outlasts_being_parked(engine: Engine, load: Load, host: Host) -> None:
    program = load("other", "read", "park", "take", "other", "park", "take")
    host.lesson = LESSON
    await run(engine, program)
    assert await run(engine, program) == ANSWER + b"python"


async def test_without_its_reader_nothing_is_answered(engine: Engine, load: Load, host: Host) -> None:
    program = load("read", "take")
    host.lesson = LESSON
    await run(engine, program)
    assert await run(engine, program) == ANSWER
    host.close()
    assert await run(engine, program) == b"python"


async def test_long_answers_are_not_given(engine: Engine, load: Load, host: Host) -> None:
    program = load("read", "take")
    host.lesson = LESSON._replace(memory=10)
    await run(engine, program)
    for _ in range(2):
        assert await run(engine, program) == b"python"


def test_statements_tell_their_columns(host: Host) -> None:
    host.database.execute("create table t (a integer, b)")
    statement = host.prepare("select a, b, 1 as c from t")
    assert host.reads.columns(statement) == [("a", "INTEGER"), ("b", ""), ("c", "")]
    host.reads.forget(statement)


@pytest.mark.parametrize("sql", ["", "select", "select * from missing", "create table t (a)", "-- nothing"])
def test_what_cannot_be_read_is_not_prepared(host: Host, sql: str) -> None:
    assert host.prepare(sql) == 0


def test_what_is_denied_is_not_prepared(host: Host) -> None:
    assert host.reads.prepare(host.reader, "select abs(1)", lambda *asked: apsw.SQLITE_DENY) == 0
