"""An adapter in a module: what is called afterwards, and what does not fit."""

from __future__ import annotations

import pytest
import wasmtime

from gojinn.engine.graft import Unfit, graft

IMAGE = """(module
  (import "js" "twice" (func $twice (param i32) (result i32)))
  (import "js" "same" (func $same (param i32) (result i32)))
  (import "js" "gone" (func $gone (param i64)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 16))
  (data "there")
  (func $work (export "work: func(x: u32) -> u32") (param i32) (result i32)
    (global.set $count (i32.const 0x1000))
    (call $twice (call $same (i32.add (i32.load offset=16 (i32.const 0)) (local.get 0)))))
  (func (export "trap") (call $gone (i64.const 1))))"""

ADAPTER = """(module
  (import "image" "work" (func $work (param i32) (result i32)))
  (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory 1)
  (global $calls (mut i32) (i32.const 40))
  (data $text "hello")
  (func $add (param i32) (result i32) (i32.add (local.get 0) (global.get $calls)))
  (func (export "twice") (param i32) (result i32)
    (local $unused i64)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (call $add (i32.mul (local.get 0) (i32.const 2))))
  (func (export "_start")
    (memory.init $text (i32.const 100) (i32.const 0) (i32.const 5))
    (call $log (call $work (i32.const 3)) (i32.const 100) (i32.const 5))
    (call $exit (i32.const 7))))"""


def module_of(image: str, adapter: str = ADAPTER) -> bytes:
    return graft(bytes(wasmtime.wat2wasm(image)), adapter.encode(), {"same": b"\x01"})


def test_calls_reach_the_adapter_and_the_adapter_reaches_module_and_host() -> None:
    logged = []

    def log(caller: wasmtime.Caller, level: int, at: int, length: int) -> None:
        memory = caller["memory"]
        assert isinstance(memory, wasmtime.Memory)
        logged.append((level, bytes(memory.read(caller, at, at + length))))

    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, module_of(IMAGE))
    store, linker = wasmtime.Store(engine), wasmtime.Linker(engine)
    store.set_wasi(wasmtime.WasiConfig())
    linker.define_wasi()
    i32 = wasmtime.ValType.i32()
    linker.define_func("gojinn", "host_log", wasmtime.FuncType([i32, i32, i32], []), log, access_caller=True)
    exports = linker.instantiate(store, module).exports(store)
    start, trap = exports["_start"], exports["trap"]
    assert isinstance(start, wasmtime.Func)
    assert isinstance(trap, wasmtime.Func)
    with pytest.raises(wasmtime.ExitTrap) as ended:
        start(store)
    assert ended.value.code == 7
    assert logged == [(47, b"hello")]
    with pytest.raises(wasmtime.Trap):
        trap(store)


OTHERS = """(module
  (import "js" "memory" (memory 1 2))
  (import "js" "table" (table 3 funcref))
  (import "js" "twice" (func $twice (param i32) (result i32)))
  (type $unary (func (param i32) (result i32)))
  (elem (i32.const 1) $work $twice)
  (func $work (export "work") (param i32) (result i32)
    (call_indirect (type $unary) (local.get 0) (i32.const 2))))"""

COMPILED = """(module
  (import "image" "work" (func $work (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (import "env" "memory" (memory 1))
  (data (i32.const 40) "\\05")
  (func (export "twice") (param i32) (result i32)
    (i32.mul (i32.load8_u (i32.const 40)) (local.get 0)))
  (func (export "run") (result i32) (call $work (i32.const 4))))"""


def test_memory_and_table_become_its_own_and_the_table_has_the_adapters_functions() -> None:
    image, adapter = (
        wasmtime.wat2wasm(OTHERS),
        wasmtime.wat2wasm(COMPILED.replace('import "memory"', 'import "env"')),
    )
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, graft(bytes(image), bytes(adapter), {}))
    store = wasmtime.Store(engine)
    store.set_wasi(wasmtime.WasiConfig())
    linker = wasmtime.Linker(engine)
    linker.define_wasi()
    exports = linker.instantiate(store, module).exports(store)
    run, memory = exports["run"], exports["memory"]
    assert isinstance(run, wasmtime.Func)
    assert isinstance(memory, wasmtime.Memory)
    assert run(store) == 20
    assert memory.type(store).limits == wasmtime.Limits(1, 2)


NAMED = """(module
  (import "js" "gone" (func))
  (memory (export "memory") 1)
  (type $constant (func (result i32)))
  (table 1 funcref)
  (elem (i32.const 0) $answer)
  (func $answer (result i32) (i32.const 1))
  (func $hidden (result i32) (i32.const 40))
  (func (export "work") (result i32)
    (i32.add (call $answer) (call_indirect (type $constant) (i32.const 0)))))"""

REPLACING = """(module
  (import "image" "hidden" (func $hidden (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (func (export "instead:answer") (result i32) (i32.add (call $hidden) (i32.const 2))))"""


def test_functions_are_replaced_and_used_by_their_names() -> None:
    engine = wasmtime.Engine()
    module = wasmtime.Module(engine, module_of(NAMED, REPLACING))
    assert [each.name for each in module.exports] == ["memory", "work"]
    store, linker = wasmtime.Store(engine), wasmtime.Linker(engine)
    store.set_wasi(wasmtime.WasiConfig())
    linker.define_wasi()
    work = linker.instantiate(store, module).exports(store)["work"]
    assert isinstance(work, wasmtime.Func)
    assert work(store) == 84


@pytest.mark.parametrize(
    ("image", "adapter", "said"),
    [
        (IMAGE.replace("work", "other"), ADAPTER, "has no function 'work'"),
        (
            IMAGE,
            ADAPTER.replace("(memory 1)", "(memory 1) (table 1 funcref) (elem (i32.const 0) $add)"),
            "in a table",
        ),
        (
            '(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))'
            ' (func (export "work") (param i32) (result i32) (local.get 0)))',
            ADAPTER,
            "no place is left",
        ),
        (NAMED, REPLACING.replace("answer", "question"), "has no function 'question'"),
        (
            '(module (import "js" "stack" (global i32)) (func (export "work")))',
            ADAPTER,
            r"imports the global 'js\.stack'",
        ),
    ],
)
def test_what_does_not_fit_is_told(image: str, adapter: str, said: str) -> None:
    with pytest.raises(Unfit, match=said):
        module_of(image, adapter)
