"""Tests of what a module must be to serve as a function."""

from __future__ import annotations

import dataclasses

import pytest

from gojinn.caddyfile.tree import Word
from gojinn.capabilities.imports import IMPORTS
from gojinn.engine import wasi
from gojinn.engine.inspect import Import, ModuleInfo
from gojinn.errors import ModuleError, Place
from gojinn.functions.check import check
from gojinn.functions.config import FunctionConfig
from gojinn.functions.permissions import Permissions

ORIGIN = Word("kv.wasm", Place("Caddyfile", 4, 9), "\tgojinn kv.wasm")
CONFIG = FunctionConfig("/srv/kv.wasm", origin=ORIGIN)
PLAIN = ModuleInfo(has_start=True, memory_exported=True, memory_min=1)


def importing(name: str, params: str, results: str = "", module: str = "gojinn") -> ModuleInfo:
    widths = {"i": "i32", "I": "i64"}
    entry = Import(module, name, "func", tuple(widths[c] for c in params), tuple(widths[c] for c in results))
    return dataclasses.replace(PLAIN, imports=(entry,))


def refused(info: ModuleInfo, config: FunctionConfig = CONFIG) -> ModuleError:
    with pytest.raises(ModuleError) as caught:
        check(config, info)
    return caught.value


def test_a_plain_module_serves() -> None:
    check(CONFIG, PLAIN)


def test_errors_point_at_the_directive_and_name_the_module() -> None:
    error = refused(ModuleInfo())
    assert str(error).startswith("Caddyfile:4:9: module '/srv/kv.wasm' ")
    assert error.source == ORIGIN.source


def test_a_library_is_refused() -> None:
    error = refused(ModuleInfo(memory_exported=True))
    assert "does not export '_start'" in error.message
    assert error.hint is not None
    assert "reactor" in error.hint


def test_a_module_without_memory_is_refused() -> None:
    assert "does not export its memory" in refused(ModuleInfo(has_start=True)).message


def test_more_memory_than_the_limit_is_refused_with_the_line_to_add() -> None:
    error = refused(dataclasses.replace(PLAIN, memory_min=3000))
    assert "starts with 196608000 bytes of memory" in error.message
    assert error.hint == "add the line 'memory_limit 188MiB' to its block"


def test_memory_up_to_the_limit_serves() -> None:
    check(CONFIG, dataclasses.replace(PLAIN, memory_min=CONFIG.memory_limit // 65536))


def test_a_larger_table_than_the_limit_is_refused() -> None:
    most = CONFIG.limits().tables
    check(CONFIG, dataclasses.replace(PLAIN, table_min=most))
    error = refused(dataclasses.replace(PLAIN, table_min=most + 1))
    assert f"a table of {most + 1} entries, expected at most {most}" in error.message


@pytest.mark.parametrize("name", IMPORTS)
@pytest.mark.parametrize("width", ["i32", "i64"])
def test_every_import_of_the_contract_links_with_either_result(name: str, width: str) -> None:
    entry = IMPORTS[name]
    results = (width,) if entry.result else ()
    everything = Permissions.everything()
    info = dataclasses.replace(PLAIN, imports=(Import("gojinn", name, "func", entry.params, results),))
    check(dataclasses.replace(CONFIG, permissions=everything), info)


@pytest.mark.parametrize("name", wasi.FUNCTIONS)
def test_every_function_of_wasi_links(name: str) -> None:
    params, results = wasi.FUNCTIONS[name]
    entry = Import(wasi.MODULE, name, "func", params, results)
    check(CONFIG, dataclasses.replace(PLAIN, imports=(entry,)))


@pytest.mark.parametrize(
    ("name", "results", "line"),
    [
        ("host_kv_get", "i", "kv_read"),
        ("host_kv_set", "", "kv_write"),
        ("host_s3_get", "i", "s3_read"),
        ("host_s3_put", "i", "s3_write"),
    ],
)
def test_what_is_not_granted_is_refused_with_the_line_to_add(name: str, results: str, line: str) -> None:
    error = refused(importing(name, "iiii", results))
    assert f"imports 'gojinn.{name}', which this function is not granted" in error.message
    assert error.hint == f"add the line '{line} <prefix or *>' to 'permissions' in its block"


def test_granting_reading_does_not_grant_writing() -> None:
    config = dataclasses.replace(CONFIG, permissions=Permissions(kv_read=("*",)))
    check(config, importing("host_kv_get", "iiii", "i"))
    refused(importing("host_kv_set", "iiii"), config)


def test_an_unknown_import_is_refused_with_a_suggestion() -> None:
    error = refused(importing("host_kv_gte", "iiii", "i"))
    assert "imports 'gojinn.host_kv_gte', which this host does not have" in error.message
    assert error.hint == "did you mean 'host_kv_get'?"


def test_another_module_s_import_is_refused() -> None:
    assert "imports 'env.abort'" in refused(importing("abort", "iiii", module="env")).message


@pytest.mark.parametrize(
    ("module", "name", "tool"),
    [
        ("env", "emscripten_date_now", "emscripten"),
        ("a", "b", "emscripten"),
        ("__wbindgen_placeholder__", "__wbindgen_string_new", "wasm-bindgen"),
        ("./ruff_wasm_bg.js", "__wbg_new_1", "wasm-bindgen"),
        ("gojs", "runtime.wasmExit", "Go for browsers"),
    ],
)
def test_a_module_for_javascript_is_refused_with_a_way_out(module: str, name: str, tool: str) -> None:
    error = refused(dataclasses.replace(importing(name, "i", module=module), has_start=False))
    assert f"is made by {tool}: it wants '{module}.{name}' from a host in JavaScript" in error.message
    assert error.hint is not None
    assert "WASI" in error.hint or "wasi" in error.hint


def test_the_wasi_before_preview_1_is_refused_with_a_way_out() -> None:
    error = refused(importing("fd_write", "iiii", "i", module="wasi_unstable"))
    assert error.hint is not None
    assert "wasi_snapshot_preview1" in error.hint


@pytest.mark.parametrize(
    "info",
    [
        importing("host_log", "ii"),
        importing("host_log", "iii", "i"),
        importing("host_log", "IIi"),
        importing("host_kv_get", "iiii"),
        importing("host_kv_get", "iiii", "ii"),
        importing("fd_write", "iiii", module=wasi.MODULE),
        importing("fd_write", "iiiI", "i", module=wasi.MODULE),
    ],
)
def test_other_types_than_the_contract_s_are_refused(info: ModuleInfo) -> None:
    config = dataclasses.replace(CONFIG, permissions=Permissions(kv_read=("*",)))
    error = refused(info, config)
    assert "expected (i32, i32, i32" in error.message


@pytest.mark.parametrize("kind", ["memory", "table", "global", "tag"])
def test_imports_that_are_no_functions_are_refused(kind: str) -> None:
    info = dataclasses.replace(PLAIN, imports=(Import("env", "thing", kind),))
    assert f"imports the {kind} 'env.thing'" in refused(info).message
