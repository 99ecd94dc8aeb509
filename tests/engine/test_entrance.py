"""Modules whose program is the export without a name: they run as under wasmtime's command line."""

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.entrance import with_start
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.outcome import End
from gojinn.engine.settings import EngineSettings
from gojinn.testing.guests import wat

EXITS = '(import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)'
"""The exit code is what the function got as far as."""


@pytest.fixture
def engine(implementation):
    engine = Engine(EngineSettings(slots=2, implementation=implementation))
    yield engine
    engine.close()


@pytest.mark.parametrize(
    ("functions", "code"),
    [
        ('(func (export "") (call $exit (i32.const 7)))', 7),
        (
            '(global $g (mut i32) (i32.const 1)) (func (export "") (call $exit (global.get $g)))'
            ' (func (export "_initialize") (global.set $g (i32.const 9)))',
            9,
        ),
        (
            '(func (export "") (call $exit (i32.const 7)))'
            ' (func (export "_start") (call $exit (i32.const 8)))',
            8,
        ),
    ],
)
async def test_the_program_is_called_behind_what_initializes_it(engine, compiled, functions, code):
    program = engine.load(compiled(f"(module {EXITS} {functions})"), ProgramSpec(("guest",)))
    try:
        outcome = await engine.invoke(program, b"", timeout=5)
    finally:
        program.close()
    assert (outcome.end, outcome.exit_code) == (End.EXITED, code)


@pytest.mark.parametrize(
    "exports",
    [
        '(func (export "_start"))',
        '(func (export "_initialize"))',
        '(func (export "") (result i32) unreachable)',
        "",
    ],
)
def test_other_modules_stay_as_they_are(exports):
    data = wat(f"(module {exports})")
    assert with_start(data) is data
