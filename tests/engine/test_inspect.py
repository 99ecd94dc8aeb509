"""Reading the outside of modules, and what is said of files that are none."""

import random
from contextlib import suppress

import pytest

from gojinn.engine.inspect import Import, ModuleInfo, inspect_module
from gojinn.errors import ModuleError
from gojinn.testing.guests import guest, wat


def inspected(text: str) -> ModuleInfo:
    return inspect_module(wat(text), "test.wasm")


def refused(data: bytes) -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        inspect_module(data, "test.wasm")
    return caught.value


def test_imports_come_with_their_types():
    info = inspected("""(module
      (import "gojinn" "a" (func (param i32 i64) (result f32)))
      (import "env" "b" (func))
      (import "env" "m" (memory 2 7)))""")
    assert info.imports == (
        Import("gojinn", "a", "func", ("i32", "i64"), ("f32",)),
        Import("env", "b"),
        Import("env", "m", "memory"),
    )
    assert (info.memory_min, info.memory_max) == (2, 7)


def test_every_kind_of_import_and_export_is_read():
    info = inspected("""(module
      (import "e" "t" (table 3 9 funcref))
      (import "e" "g" (global (mut i64)))
      (import "e" "x" (tag (param i32)))
      (func (export "f")) (memory (export "memory") 1) (global (export "n") i32 (i32.const 0))
      (table (export "u") 5 externref) (tag (export "y")))""")
    assert [i.kind for i in info.imports] == ["table", "global", "tag"]
    assert dict(info.exports) == {"f": "func", "memory": "memory", "n": "global", "u": "table", "y": "tag"}
    assert info.table_min == 5
    assert info.memory_exported


def test_start_is_a_function_without_parameters_and_results():
    assert inspected('(module (func (export "_start")))').has_start
    assert not inspected('(module (func (export "_start") (param i32)))').has_start
    assert not inspected('(module (func (export "_start") (result i32) unreachable))').has_start
    assert not inspected('(module (memory (export "_start") 1))').has_start


def test_start_may_be_an_imported_function():
    assert inspected('(module (import "e" "f" (func)) (export "_start" (func 0)))').has_start


def test_start_is_found_among_many_functions():
    others = "(func (param i32))" * 300
    assert inspected(f'(module {others} (func (export "_start")))').has_start


@pytest.mark.parametrize(
    ("exports", "starts"),
    [
        ('(func (export ""))', True),
        ('(func (param i32)) (func (export "_initialize")) (func (export ""))', True),
        ('(func (export "_initialize"))', False),
        ('(func (export "") (param i32))', False),
        ('(func (export "_initialize") (result i32) unreachable) (func (export ""))', False),
        ('(func (export "_start") (param i32)) (func (export ""))', False),
        ('(memory (export "_start") 1) (func (export ""))', False),
        ('(memory (export "") 1)', False),
    ],
)
def test_a_program_may_be_the_export_without_a_name(exports, starts):
    assert inspected(f"(module {exports})").has_start is starts


def test_memory_must_be_exported_under_its_name():
    assert not inspected('(module (memory (export "mem") 1))').memory_exported
    assert not inspected('(module (func (export "memory")))').memory_exported


@pytest.mark.toolchain
@pytest.mark.slow
@pytest.mark.parametrize("name", ["hello.c", "hello.go", "hello.rs"])
def test_modules_of_real_compilers_are_commands(name):
    info = inspect_module(guest(name).read_bytes(), name)
    assert info.has_start
    assert info.memory_exported
    assert {i.module for i in info.imports} == {"wasi_snapshot_preview1"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b"\0as", "is cut off after 3 bytes"),
        (b"\0asm\1", "is cut off after 5 bytes"),
        (b"(module)", "is WebAssembly text"),
        (b"\n ;; hello\n(module)", "is WebAssembly text"),
        (b"\0asm\x0d\0\1\0", "is a component"),
        (b"\0asm\2\0\0\0", "has WebAssembly version 0x02000000"),
        (b"\x7fELF\2\1\1\0", "is native code"),
        (b"#!/bin/sh\n", "begins with 0x23212f62"),
    ],
    ids=[
        "empty",
        "cut magic",
        "cut version",
        "text",
        "commented text",
        "component",
        "future",
        "elf",
        "script",
    ],
)
def test_what_is_no_core_module_is_named(data, said):
    error = refused(data)
    assert said in error.message
    assert "test.wasm" in error.message


def test_text_format_gets_the_command_that_assembles_it():
    assert refused(b"(module)").hint == "assemble it with 'wat2wasm test.wasm'"


@pytest.mark.parametrize(
    ("tail", "said"),
    [
        (b"\x01", "breaks off"),
        (b"\x01\x05\x00", "says 5 bytes"),
        (b"\x01\xff\xff\xff\xff\x0f", "says 4294967295 bytes"),
        (b"\x01" + b"\xff" * 11, "more than ten bytes"),
        (b"\x01\x06\xff\xff\xff\xff\x0f\x00", "a vector of"),
        (b"\x0e\x00", "unknown id 14"),
        (b"\x01\x03\x01\x5f\x00", "form 0x5f"),
        (b"\x01\x04\x01\x60\x01\x00", "value type 0x00"),
        (b"\x02\x06\x01\x01\xff\x01\x61\x00", "not UTF-8"),
        (b"\x02\x06\x01\x01a\x01b\x07", "unknown kind 7"),
        (b"\x02\x07\x01\x01a\x01b\x00\x05", "type 5 of 0"),
        (b"\x07\x0a\x01\x06_start\x00\x00", "does not exist"),
    ],
)
def test_broken_sections_are_refused(tail, said):
    assert said in refused(b"\0asm\1\0\0\0" + tail).message


def test_a_module_cut_anywhere_raises_nothing_else():
    whole = guest("park").read_bytes()
    for length in range(len(whole)):
        with suppress(ModuleError):
            inspect_module(whole[:length], "cut.wasm")


def test_random_damage_never_raises_anything_else():
    whole = guest("park").read_bytes()
    chance = random.Random(7)
    for _ in range(3000):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(8, len(data))] = chance.randrange(256)
        with suppress(ModuleError):
            inspect_module(bytes(data), "damaged.wasm")
