"""Modules that tell of a refused growth: same results as before, a flag besides."""

import random
from pathlib import Path
from typing import Any

import pytest
import wasmtime

from gojinn.engine.growth import REFUSED_EXPORT, with_growth_flag
from gojinn.testing.guests import c_guest, damaged, guest, wat

GROWING = """(module
  (import "env" "host" (func $host (param i32)))
  (import "env" "base" (global $base i32))
  (memory (export "memory") 1 4)
  (global $calls (mut i32) (i32.const 0))
  (func $note (param i32) (global.set $calls (i32.add (global.get $calls) (local.get 0))))
  (func (export "grow") (param i32) (result i32)
    (call $note (i32.const 1))
    (block $out (br_table $out $out (i32.const 64)))
    (memory.grow (local.get 0)))
  (func (export "twice") (param i32) (result i64) (local f64)
    (local.set 1 (f64.const 0x1.0004p+1))
    (i64.or
      (i64.shl (i64.extend_i32_u (memory.grow (local.get 0))) (i64.const 32))
      (i64.extend_i32_u (memory.grow (i32.const 1)))))
  (func (export "calls") (result i32) (i32.add (global.get $calls) (global.get $base))))"""


class Running:
    """An instance of a module with memory limited to three pages."""

    def __init__(self, data: bytes) -> None:
        engine = wasmtime.Engine()
        self.store = wasmtime.Store(engine)
        self.store.set_limits(memory_size=3 << 16)
        i32 = wasmtime.ValType.i32()
        base = wasmtime.Global(self.store, wasmtime.GlobalType(i32, False), wasmtime.Val.i32(1000))
        host = wasmtime.Func(self.store, wasmtime.FuncType([i32], []), lambda _: None)
        linker = wasmtime.Linker(engine)
        linker.define(self.store, "env", "host", host)
        linker.define(self.store, "env", "base", base)
        instance = linker.instantiate(self.store, wasmtime.Module(engine, data))
        self.exports: Any = instance.exports(self.store)

    def call(self, name: str, *args: int) -> Any:
        return self.exports[name](self.store, *args)

    def refused(self) -> int:
        return int(self.exports[REFUSED_EXPORT].value(self.store))


def test_refused_growth_sets_the_flag_and_stays():
    running = Running(with_growth_flag(wat(GROWING)))
    assert running.call("grow", 1) == 1
    assert running.refused() == 0
    assert running.call("grow", 5) == -1
    assert running.refused() == 1
    assert running.call("grow", 1) == 2
    assert running.refused() == 1


def test_results_are_the_same_as_before():
    before, after = Running(wat(GROWING)), Running(with_growth_flag(wat(GROWING)))
    chance = random.Random(5)
    for _ in range(200):
        name, size = chance.choice(["grow", "twice"]), chance.choice([0, 0, 0, 1, 2, 70000])
        assert before.call(name, size) == after.call(name, size)
    assert before.call("calls") == after.call("calls") > 1000


def test_a_module_without_growth_stays_as_it_is():
    data = wat('(module (memory 1) (func (export "_start") (block) (drop (f64.const 0x1.0004p+1))))')
    assert with_growth_flag(data) is data


def test_bytes_that_only_look_like_growth_stay_as_they_are():
    data = wat("(module (func (block unreachable) (drop (i32.const 0x2000))))")
    assert b"\x40\x00" in data
    assert with_growth_flag(data) is data


GROW = "(drop (memory.grow (i32.const 1)))"


@pytest.mark.parametrize(
    "text",
    [
        f"(module (memory 1) (func {GROW}))",
        f'(module (import "e" "m" (memory 1)) (func {GROW}) (data (i32.const 0) "x"))',
        f"(module (memory 1) (table 1 funcref) (tag) (func {GROW}) (start 0) (elem func 0))",
        f'(module (memory 1) (func {GROW}) (@custom "x" (after code) "y"))',
        f"(module (memory 1) {'(func)' * 300} (func {GROW}))",
    ],
    ids=["smallest", "imported memory", "many sections", "custom section", "long index"],
)
def test_missing_sections_are_added_in_their_places(text):
    rewritten = with_growth_flag(wat(text))
    exports = {e.name for e in wasmtime.Module(wasmtime.Engine(), rewritten).exports}
    assert REFUSED_EXPORT in exports


def test_a_module_that_has_the_name_already_is_left_alone():
    data = wat(f'(module (memory 1) (func (export "{REFUSED_EXPORT}") {GROW}))')
    assert with_growth_flag(data) is data


def test_a_module_with_unknown_instructions_is_left_alone():
    body = b"\x00\xff\x41\x01\x40\x00\x1a\x0b"
    code = b"\x01" + bytes([len(body)]) + body
    data = b"\0asm\1\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\x00\x05\x03\x01\x00\x01"
    data += b"\x0a" + bytes([len(code)]) + code
    assert with_growth_flag(data) is data


def test_damaged_modules_never_raise():
    whole = wat(GROWING)
    for data in damaged(whole, 2000):
        with_growth_flag(data)


@pytest.mark.toolchain
@pytest.mark.slow
@pytest.mark.parametrize("name", ["hello.go", "hello.rs"])
def test_modules_of_real_compilers_stay_valid(name):
    data = guest(name).read_bytes()
    rewritten = with_growth_flag(data)
    assert rewritten is not data
    wasmtime.Module.validate(wasmtime.Engine(), rewritten)


@pytest.mark.toolchain
@pytest.mark.slow
def test_a_program_that_allocates_prints_the_same(tmp_path: Path):
    source = """
    #include <stdio.h>
    #include <stdlib.h>
    int main(void) {
        unsigned sum = 0, refused = 0;
        for (unsigned n = 1; n < 400; n++) {
            unsigned char *p = malloc(n * 997);
            if (!p) { refused++; continue; }
            for (unsigned i = 0; i < n * 997; i += 101) p[i] = i * n;
            for (unsigned i = 0; i < n * 997; i += 101) sum = sum * 31 + p[i];
        }
        printf("%u %u\\n", sum, refused);
        return 0;
    }"""
    data = c_guest(source).read_bytes()
    rewritten = with_growth_flag(data)
    assert rewritten is not data
    before, after = printed(data, tmp_path), printed(rewritten, tmp_path)
    assert before == after
    assert not before.endswith(b" 0\n")


def printed(data: bytes, folder: Path) -> bytes:
    engine = wasmtime.Engine()
    store = wasmtime.Store(engine)
    store.set_limits(memory_size=32 << 20)
    config = wasmtime.WasiConfig()
    config.stdout_file = str(folder / "stdout")
    store.set_wasi(config)
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    exports: Any = linker.instantiate(store, wasmtime.Module(engine, data)).exports(store)
    exports["_start"](store)
    return (folder / "stdout").read_bytes()
