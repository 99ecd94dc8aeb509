"""Which imports a module is given, and how refusals read."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from gojinn.engine.core import open_core
from gojinn.engine.host import HostFunction, LinkError
from gojinn.engine.link import check_hosts, check_imports, link
from gojinn.engine.modules import loaded, types_of
from gojinn.engine.sandbox import ModuleCore
from gojinn.engine.settings import EngineSettings
from gojinn.engine.wasi import FUNCTIONS, MODULE

Compile = Callable[..., Path]


class Import(NamedTuple):
    """An import as a reader of modules gives it."""

    module: str
    name: str
    params: tuple[str, ...] = ()
    results: tuple[str, ...] = ()


async def call(guest: object) -> int:
    return 0


EITHER = HostFunction("test", "either", ("i32",), "either", call)
WIDE = HostFunction("test", "wide", (), "i64", call)
NOTHING = HostFunction("test", "nothing", (), None, call)
HOSTS = (EITHER, WIDE, NOTHING)


def test_all_of_preview_1_is_offered() -> None:
    check_imports([Import(MODULE, name, *FUNCTIONS[name]) for name in FUNCTIONS], ())


def test_log_is_offered_without_a_host_function() -> None:
    check_imports([Import("gojinn", "host_log", ("i32", "i32", "i32"))], ())


@pytest.mark.parametrize("width", ["i32", "i64"])
def test_taking_is_offered_in_either_width(width: str) -> None:
    check_imports([Import("gojinn", "host_take", ("i32", "i32"), (width,))], ())


@pytest.mark.parametrize("width", ["i32", "i64"])
def test_either_width_is_given(width: str) -> None:
    check_imports([Import("test", "either", ("i32",), (width,))], HOSTS)


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Import("test", "other"), "import 'test.other' is not offered to this module"),
        (Import("wasi_unstable", "fd_write"), "import 'wasi_unstable.fd_write' is not offered"),
        (Import(MODULE, "fd_writ"), "is not offered"),
        (Import("test", "wide", (), ("i32",)), r"is declared \(\) -> \(i32\), expected \(\) -> \(i64\)"),
        (Import("test", "either", ("i32",), ("f32",)), r"declared \(i32\) -> \(f32\), expected"),
        (Import("test", "either", ("i64",), ("i32",)), r"declared \(i64\) -> \(i32\), expected"),
        (Import("test", "nothing", (), ("i32",)), r"expected \(\) -> \(\)"),
        (Import(MODULE, "fd_write", ("i32",), ("i32",)), r"expected \(i32, i32, i32, i32\) -> \(i32\)"),
        (Import("gojinn", "host_take", ("i32",) * 2, ("f32",)), r"expected \(i32, i32\) -> \(i32\)"),
        (Import("gojinn", "host_log"), r"expected \(i32, i32, i32\) -> \(\)"),
    ],
)
def test_refusal_names_import_and_expectation(wanted: Import, message: str) -> None:
    with pytest.raises(LinkError, match=message):
        check_imports([wanted], HOSTS)


def test_import_in_two_widths_is_refused() -> None:
    twice = [Import("test", "either", ("i32",), (width,)) for width in ("i32", "i64")]
    with pytest.raises(LinkError, match="two signatures"):
        check_imports(twice, HOSTS)


@pytest.mark.parametrize("params", [("f32",), ("i32",) * 17])
def test_host_function_that_cannot_be_called_is_refused(params: tuple[str, ...]) -> None:
    with pytest.raises(LinkError, match=r"host function 'test\.bad'"):
        check_hosts([HostFunction("test", "bad", params, None, call)])


@pytest.fixture(scope="module")
def core() -> Iterator[ModuleCore]:
    core = open_core(EngineSettings(slots=2), metered=False)
    yield core
    core.close()


def linked(core: ModuleCore, path: Path, *, files: bool = False) -> int:
    with loaded(core.engine, path) as module, types_of(module) as types:
        return link(core, module, types, HOSTS, files=files)


@pytest.mark.parametrize("files", [False, True])
def test_function_may_be_imported_twice(core: ModuleCore, compiled: Compile, files: bool) -> None:
    yield_twice = f'(import "{MODULE}" "sched_yield" (func (result i32)))' * 2
    exits_twice = f'(import "{MODULE}" "proc_exit" (func (param i32)))' * 2
    path = compiled(f'(module {yield_twice} {exits_twice} (func (export "_start")))')
    assert linked(core, path, files=files)


@pytest.mark.parametrize("files", [False, True])
def test_every_preview_1_function_can_be_linked(core: ModuleCore, compiled: Compile, files: bool) -> None:
    imports = "".join(
        f'(import "{MODULE}" "{name}" (func (param {" ".join(signature.params)})'
        f"(result {' '.join(signature.results)})))"
        for name, signature in FUNCTIONS.items()
        if name != "poll_oneoff"
    )
    assert linked(core, compiled(f'(module {imports} (func (export "_start")))'), files=files)


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            '(module (import "env" "memory" (memory 1)) (func (export "_start")))',
            "'env.memory' is no function",
        ),
        ('(module (import "env" "g" (global i32)) (func (export "_start")))', "'env.g' is no function"),
        ("(module)", "no function '_start'"),
        ('(module (func (export "_start") (param i32)))', "no function '_start' without parameters"),
        ('(module (func (export "_start") (result i32) (i32.const 1)))', "no function '_start'"),
        ('(module (global (export "_start") i32 (i32.const 1)))', "no function '_start'"),
    ],
)
def test_module_that_is_no_command_is_refused(
    core: ModuleCore, compiled: Compile, source: str, message: str
) -> None:
    with pytest.raises(LinkError, match=message):
        linked(core, compiled(source))
