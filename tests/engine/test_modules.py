"""Compiling, loading and reading modules."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gojinn.engine.capi import WasmtimeError, capi
from gojinn.engine.configuration import open_compiler, open_engine
from gojinn.engine.modules import compile_module, loaded, types_of
from gojinn.engine.settings import EngineSettings
from gojinn.engine.wasi import Signature
from gojinn.testing.guests import wat

Compile = Callable[..., Path]


@pytest.fixture(scope="module")
def engine() -> Iterator[int]:
    engine = open_engine(EngineSettings(slots=10), metered=False)
    yield engine
    capi().wasm_engine_delete(engine)


@pytest.fixture(scope="module")
def compiler() -> Iterator[int]:
    compiler = open_compiler(EngineSettings(), metered=False)
    yield compiler
    capi().wasm_engine_delete(compiler)


def test_imports_and_exports_are_read(engine: int, compiled: Compile) -> None:
    path = compiled("""(module
      (import "m" "f" (func (param i32 i64) (result f64)))
      (import "m" "g" (global i32)) (import "m" "välue" (func))
      (memory (export "memory") 1) (func (export "run") (param funcref)))""")
    with loaded(engine, path) as module, types_of(module) as types:
        functions = [entry[:4] for entry in types.imports]
        assert functions == [("m", "f", ("i32", "i64"), ("f64",)), ("m", "välue", (), ())]
        assert types.others == ("m.g",)
        assert types.exports == {"run": Signature(("ref",), ())}


def test_invalid_module_does_not_compile(compiler: int) -> None:
    for data in (b"", b"\0asm", b"not wasm at all", wat("(module)")[:-1] + b"\x01\xff"):
        with pytest.raises(WasmtimeError):
            compile_module(compiler, data)


@pytest.mark.parametrize(
    "source",
    [
        "(module (memory i64 1))",
        "(module (memory 1 1 shared))",
        "(module (memory 1) (memory 1))",
        "(module (type (struct)))",
        "(module (table 200001 funcref))",
        f"(module {'(table 1 funcref)' * 11})",
    ],
    ids=[
        *("memory64", "threads", "two memories", "gc"),
        *("large table", "many tables"),
    ],
)
def test_what_no_slot_has_room_for_does_not_compile(compiler: int, source: str) -> None:
    with pytest.raises(WasmtimeError):
        compile_module(compiler, wat(source))


@pytest.mark.parametrize(
    "source",
    [
        "(module (func (result v128) (v128.const i64x2 1 2)))",
        "(module (memory 1) (func (memory.fill (i32.const 0) (i32.const 0) (i32.const 9))))",
        "(module (func $f (return_call $f)))",
        "(module (func (result i32 i32) (i32.const 1) (i32.const 2)))",
        "(module (func (param f64) (result i32) (i32.trunc_sat_f64_s (local.get 0))))",
        "(module (table 1 funcref) (func (drop (table.grow 0 (ref.null func) (i32.const 1)))))",
        f"(module {'(table 1 funcref)' * 10})",
        "(module (tag))",
        "(module (func (param externref)))",
    ],
    ids=[
        *("simd", "bulk memory", "tail calls", "multi value", "saturating", "reference types", "tables"),
        *("exceptions", "host references"),
    ],
)
def test_feature_that_toolchains_use_compiles(
    engine: int, compiler: int, tmp_path: Path, source: str
) -> None:
    path = tmp_path / "m.cwasm"
    path.write_bytes(compile_module(compiler, wat(source)))
    with loaded(engine, path) as module:
        assert module


def test_module_for_other_settings_is_not_loaded(engine: int, compiled: Compile) -> None:
    with (
        pytest.raises(WasmtimeError, match="fuel"),
        loaded(engine, compiled("(module)", metered=True)),
    ):
        pass
