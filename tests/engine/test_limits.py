"""Limits of an invocation: which can be asked for, and that the largest are real."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.limits import MAX_TEXT, MEMORY_CEILING, Limits, ProgramSpec
from gojinn.engine.outcome import End
from gojinn.engine.settings import EngineSettings, Implementation
from gojinn.errors import ConfigError

Compile = Callable[..., Path]

TABLES = EngineSettings().max_table


@pytest.fixture
async def engine(implementation: Implementation) -> AsyncIterator[Engine]:
    engine = Engine(EngineSettings(slots=4, implementation=implementation))
    yield engine
    engine.close()


def test_defaults_can_be_had() -> None:
    ProgramSpec().check(MEMORY_CEILING, TABLES)


@pytest.mark.parametrize(
    "limits",
    [
        Limits(memory=0, tables=0, output=0, log=0),
        Limits(memory=MEMORY_CEILING, tables=TABLES, fuel=(1 << 63) - 1, output=MAX_TEXT, log=MAX_TEXT),
    ],
    ids=["least", "most"],
)
def test_extremes_can_be_had(limits: Limits) -> None:
    ProgramSpec(limits=limits).check(MEMORY_CEILING, TABLES)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        (Limits(memory=-1), "memory limit is '-1', expected 0 to 4294967296 bytes"),
        (Limits(memory=MEMORY_CEILING + 1), "memory limit"),
        (Limits(tables=TABLES + 1), f"table limit is '{TABLES + 1}', expected 0 to {TABLES} elements"),
        (Limits(fuel=0), "fuel limit"),
        (Limits(fuel=1 << 63), "fuel limit"),
        (Limits(output=MAX_TEXT + 1), "output limit"),
        (Limits(log=-1), "log limit"),
    ],
)
def test_impossible_limit_is_named(limits: Limits, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        ProgramSpec(limits=limits).check(MEMORY_CEILING, TABLES)


async def test_guest_may_have_all_the_memory_it_can_address(engine: Engine, compiled: Compile) -> None:
    source = """(module (memory (export "memory") 1)
      (func (export "_start")
        (if (i32.eq (memory.grow (i32.const 65535)) (i32.const -1)) (then unreachable))
        (i32.store8 (i32.const -1) (i32.const 1))))"""
    program = engine.load(compiled(source), ProgramSpec(limits=Limits(memory=MEMORY_CEILING)))
    outcome = await engine.invoke(program, b"", timeout=5)
    assert (outcome.end, outcome.memory) == (End.RETURNED, MEMORY_CEILING)


@pytest.mark.parametrize(("more", "end"), [(99, End.RETURNED), (100, End.TRAPPED)])
async def test_table_grows_up_to_its_limit(engine: Engine, compiled: Compile, more: int, end: End) -> None:
    source = f"""(module (table $t 1 funcref) (func (export "_start")
      (if (i32.eq (table.grow $t (ref.null func) (i32.const {more})) (i32.const -1)) (then unreachable))))"""
    program = engine.load(compiled(source), ProgramSpec(limits=Limits(tables=100)))
    assert (await engine.invoke(program, b"", timeout=5)).end is end


async def test_memory_limit_need_not_be_whole_pages(engine: Engine, compiled: Compile) -> None:
    source = '(module (memory (export "memory") 2) (func (export "_start")))'
    program = engine.load(compiled(source), ProgramSpec(limits=Limits(memory=(2 << 16) + 5)))
    assert (await engine.invoke(program, b"", timeout=5)).end is End.RETURNED


@pytest.mark.parametrize("text", ["a\0b", "\ud800", "a\udfffb"])
def test_an_argument_that_no_guest_could_be_given_is_refused(text):
    with pytest.raises(ConfigError, match="argument or variable has"):
        ProgramSpec(args=("guest", text)).check(MEMORY_CEILING, TABLES)
    with pytest.raises(ConfigError, match="argument or variable has"):
        ProgramSpec(env={"A": text}).check(MEMORY_CEILING, TABLES)
