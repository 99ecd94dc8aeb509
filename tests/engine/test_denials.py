"""Modules that tell of denied file operations: same answers as before, a note besides."""

import random
from typing import Any

import pytest
import wasmtime

from gojinn.engine.denials import CALLS, DENIED_EXPORT, constant, denied_calls, with_denials
from gojinn.engine.driver import Engine
from gojinn.engine.limits import Mount, ProgramSpec
from gojinn.engine.outcome import End
from gojinn.engine.settings import EngineSettings
from gojinn.engine.wasi import FUNCTIONS
from gojinn.testing.guests import c_guest, guest, wat

TYPES = {"i32": wasmtime.ValType.i32(), "i64": wasmtime.ValType.i64()}


def calling(*names: str) -> str:
    """A module that hands the parameters of each of its exports on to the import of that name."""
    imports, functions = "", ""
    for name in names:
        params = " ".join(FUNCTIONS[name].params)
        given = " ".join(f"(local.get {place})" for place in range(len(FUNCTIONS[name].params)))
        imports += (
            f'(import "wasi_snapshot_preview1" "{name}" (func ${name} (param {params}) (result i32)))\n'
        )
        functions += (
            f'(func (export "{name}") (param {params}) (result i32) '
            f"(drop (i32.const 0x110)) (call ${name} {given}))\n"
        )
    return f"(module {imports} (global $own (mut i32) (i32.const 5)) {functions})"


class Running:
    """An instance whose host notes what it is asked and answers `errno`."""

    def __init__(self, data: bytes, *names: str) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        self.errno = 0
        self.asked: list[tuple[int, ...]] = []
        functions = [
            wasmtime.Func(
                self.store,
                wasmtime.FuncType([TYPES[kind] for kind in FUNCTIONS[name].params], [TYPES["i32"]]),
                self.answer,
            )
            for name in names
        ]
        module = wasmtime.Module(engine, data)
        self.exports: Any = wasmtime.Instance(self.store, module, functions).exports(self.store)

    def answer(self, *args: int) -> int:
        self.asked.append(args)
        return self.errno

    def call(self, name: str, errno: int) -> None:
        """Calls with parameters that differ; they and the answer must come through."""
        self.errno = errno
        args = tuple(range(3, 3 + len(FUNCTIONS[name].params)))
        assert self.exports[name](self.store, *args) == errno
        assert self.asked.pop() == args

    def denied(self) -> tuple[int, list[str]]:
        return denied_calls(self.exports[DENIED_EXPORT].value(self.store))


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("errno", [63, 76])
def test_each_denial_is_noted_with_its_call(name: str, errno: int) -> None:
    running = Running(with_denials(wat(calling(*CALLS))), *CALLS)
    running.call(name, errno)
    assert running.denied() == (1, [name])


def test_denials_add_up() -> None:
    names = ("fd_sync", *CALLS)
    running = Running(with_denials(wat(calling(*names))), *names)
    for name in names:
        running.call(name, 63)
    running.call("path_open", 76)
    assert running.denied() == (len(CALLS) + 1, list(CALLS))


@pytest.mark.parametrize("errno", [0, 2, 20, 44, 54, 62, 64, 69, 75])
def test_other_answers_are_none(errno: int) -> None:
    running = Running(with_denials(wat(calling(*CALLS))), *CALLS)
    for name in CALLS:
        running.call(name, errno)
    assert running.denied() == (0, [])


OPENING = calling("path_open")


@pytest.mark.parametrize(
    "source",
    [
        "(module)",
        '(module (memory 1) (data (i32.const 0) "path_open"))',
        calling("fd_sync"),
        OPENING.replace("wasi_snapshot_preview1", "env"),
        OPENING.replace("(call $path_open", "(block (result i32) (i32.const 1) return"),
        OPENING.replace("(global $own", f'(global $own (export "{DENIED_EXPORT}")'),
        '(module (import "wasi_snapshot_preview1" "path_open" (func $o (result i32)))'
        "(func (drop (call $o))))",
    ],
    ids=["empty", "name in data", "no path", "other module", "never called", "name taken", "wrong type"],
)
def test_other_modules_stay_as_they_are(source: str) -> None:
    data = wat(source)
    assert with_denials(data) is data


def test_cut_off_and_random_modules_stay_as_they_are() -> None:
    data = wat(OPENING)
    chance = random.Random(7)
    for end in range(8, data.rindex(b"\x10\x00\x0b")):
        cut = data[:end]
        assert with_denials(cut) is cut
    for _ in range(200):
        noise = data[:8] + chance.randbytes(100) + b"path_open"
        assert with_denials(noise) is noise


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (0, b"\x41\x00"),
        (63, b"\x41\x3f"),
        (64, b"\x41\xc0\x00"),
        (76, b"\x41\xcc\x00"),
        (128, b"\x41\x80\x01"),
    ],
)
def test_constants_are_not_negative(value: int, code: bytes) -> None:
    assert constant(value) == code


@pytest.mark.toolchain
@pytest.mark.slow
def test_what_compilers_make_is_rewritten() -> None:
    data = guest("files").read_bytes()
    rewritten = with_denials(data)
    assert rewritten is not data
    wasmtime.Module.validate(wasmtime.Engine(), rewritten)
    assert with_denials(rewritten) is rewritten


SPINNING = r"""
#include <stdio.h>
#include <unistd.h>
int main(int n, char **v) {
    unlink("/data/../secret");
    if (n > 2) __builtin_trap();
    while (n > 1);
    return 0;
}"""


@pytest.mark.toolchain
@pytest.mark.slow
@pytest.mark.parametrize(
    ("more", "end"), [((), End.RETURNED), (("spin",), End.TIMEOUT), (("t", "t"), End.TRAPPED)]
)
async def test_denials_are_known_however_the_guest_ends(
    compiled: Any, tmp_path: Any, implementation: Any, more: tuple[str, ...], end: End
) -> None:
    engine = Engine(EngineSettings(slots=4, implementation=implementation))
    module = compiled(c_guest(SPINNING))
    program = engine.load(module, ProgramSpec(args=("x", *more), mounts=(Mount(str(tmp_path), "/data"),)))
    outcome = await engine.invoke(program, b"", timeout=0.3)
    assert outcome.end is end
    assert denied_calls(outcome.denied) == (1, ["path_unlink_file"])
    program.close()
    bare = engine.load(module, ProgramSpec(args=("x",)))
    assert (await engine.invoke(bare, b"", timeout=5)).denied == 0
    bare.close()
    engine.close()
