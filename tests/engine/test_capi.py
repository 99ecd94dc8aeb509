"""What is declared of wasmtime's C API agrees with the wheel's own bindings."""

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest
from wasmtime import _bindings

from gojinn.engine import capi as module
from gojinn.engine.capi import (
    POOL_SETTERS,
    PROTOTYPES,
    SETTERS,
    ByteVec,
    Extern,
    Instance,
    PointerVec,
    Value,
    WasmtimeError,
    capi,
    check,
)
from gojinn.errors import StartError

NAMES = [
    *PROTOTYPES,
    *(f"wasmtime_config_{name}_set" for name in SETTERS),
    *(f"wasmtime_pooling_allocation_config_{name}_set" for name in POOL_SETTERS),
]

RETURN_NOTHING = ("wasmtime_context_epoch_deadline_async_yield_and_update",)
"""The header promises an error, but the function behind it returns nothing: there is garbage to be read."""


@pytest.mark.parametrize("name", NAMES)
def test_prototype_agrees_with_the_bindings(name: str) -> None:
    ours, theirs = getattr(capi(), name), getattr(_bindings, f"_{name}")
    assert len(ours.argtypes) == len(theirs.argtypes)
    for mine, given in zip(ours.argtypes, theirs.argtypes, strict=True):
        assert ctypes.sizeof(mine) == ctypes.sizeof(given)
    if theirs.restype is None or name in RETURN_NOTHING:
        assert ours.restype is None
    else:
        assert ctypes.sizeof(ours.restype) == ctypes.sizeof(theirs.restype)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (ByteVec, _bindings.wasm_byte_vec_t),
        (PointerVec, _bindings.wasm_importtype_vec_t),
        (PointerVec, _bindings.wasm_exporttype_vec_t),
        (PointerVec, _bindings.wasm_valtype_vec_t),
        (Instance, _bindings.wasmtime_instance_t),
        (Instance, _bindings.wasmtime_func_t),
        (Extern, _bindings.wasmtime_extern_t),
        (Value, _bindings.wasmtime_val_t),
    ],
)
def test_struct_has_the_size_of_the_bindings(
    ours: type[ctypes.Structure], theirs: type[ctypes.Structure]
) -> None:
    assert ctypes.sizeof(ours) == ctypes.sizeof(theirs)
    assert ctypes.alignment(ours) == ctypes.alignment(theirs)


def test_unions_start_where_the_bindings_say() -> None:
    assert Extern.of.offset == _bindings.wasmtime_extern_t.of.offset
    assert Value.of.offset == _bindings.wasmtime_val_t.of.offset


def test_library_is_the_one_of_the_wheel() -> None:
    assert str(capi().path) == _bindings.dll._name


def test_undeclared_function_is_named() -> None:
    with pytest.raises(AttributeError, match="'wasm_store_new' is not a declared function"):
        capi().wasm_store_new  # noqa: B018


def test_error_carries_the_text_of_wasmtime() -> None:
    error = _bindings.wasmtime_error_new(b"what went wrong")
    with pytest.raises(WasmtimeError, match=r"^what went wrong$"):
        check(ctypes.cast(error, ctypes.c_void_p).value)


def test_no_error_is_no_error() -> None:
    check(None)


def test_other_release_of_the_wheel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VERSION", "1.2.3")
    with pytest.raises(StartError, match=r"is not version 1\.2\.3") as refused:
        module.capi.__wrapped__()
    assert refused.value.hint == "install 'wasmtime==1.2.3'"


def test_missing_wheel_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(StartError, match="not installed"):
        module.capi.__wrapped__()


def test_wheel_without_a_library_for_this_machine_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "wasmtime").mkdir()
    (tmp_path / f"wasmtime-{module.VERSION}.dist-info").mkdir()
    monkeypatch.setattr(module, "wheel", lambda: tmp_path / "wasmtime")
    with pytest.raises(StartError, match="has no library for"):
        module.capi.__wrapped__()


@pytest.mark.slow
def test_the_wasmtime_package_is_never_imported() -> None:
    code = "import sys, gojinn.engine.driver; print('wasmtime' in sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "False\n"
