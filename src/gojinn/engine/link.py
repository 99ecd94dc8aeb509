"""Gives a module the functions it imports. Every signature is checked here: the C API takes our word for
it."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from gojinn.engine.capi import POINTER, WasmtimeError, capi, check
from gojinn.engine.host import HostFunction, LinkError
from gojinn.engine.inspect import START
from gojinn.engine.modules import FunctionImport, Types
from gojinn.engine.sandbox import MAX_ARGUMENTS, Callback, ModuleCore
from gojinn.engine.wasi import FUNCTIONS, MODULE, Signature

LOG, TAKE = ("gojinn", "host_log"), ("gojinn", "host_take")
IN_CORE: Mapping[tuple[str, str], tuple[tuple[str, ...], str | None]] = {
    LOG: (("i32",) * 3, None),
    TAKE: (("i32",) * 2, "either"),
}
"""What the core serves itself: parameters and result, as in `HostFunction`."""

SHADOWED = (
    *("args_get", "args_sizes_get", "environ_get", "environ_sizes_get"),
    *("clock_res_get", "clock_time_get", "poll_oneoff", "proc_exit", "random_get"),
)
"""Preview 1 functions that are ours even where wasmtime's WASI serves the rest. Its own would block the loop,
or trap for what is an error: an exit code above 125, a clock that there is not, bytes that are no UTF-8."""


class Wanted(Protocol):
    """A function that a module imports, wherever that was read."""

    @property
    def module(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def params(self) -> tuple[str, ...]: ...
    @property
    def results(self) -> tuple[str, ...]: ...


def check_imports(wanted: Iterable[Wanted], hosts: Iterable[HostFunction]) -> None:
    """Raises LinkError for the first import that is not preview 1, not the core's and not one of `hosts`."""
    offered = {(host.module, host.name): host for host in hosts}
    seen: dict[tuple[str, str], Signature] = {}
    for entry in wanted:
        given = Signature(entry.params, entry.results)
        key = (entry.module, entry.name)
        if seen.setdefault(key, given) != given:
            raise LinkError(f"import '{entry.module}.{entry.name}' is declared with two signatures")
        expected = offer(key, given, offered)
        if given != expected:
            raise LinkError(f"import '{entry.module}.{entry.name}' is declared {given}, expected {expected}")


def offer(key: tuple[str, str], given: Signature, offered: dict[tuple[str, str], HostFunction]) -> Signature:
    """What the function `key` is, in the width of the result that `given` asks for where both fit."""
    if key[0] == MODULE and key[1] in FUNCTIONS:
        return FUNCTIONS[key[1]]
    host = offered.get(key)
    if key in IN_CORE:
        params, result = IN_CORE[key]
    elif host is not None:
        params, result = host.params, host.result
    else:
        raise LinkError(f"import '{key[0]}.{key[1]}' is not offered to this module")
    if result == "either":
        return Signature(params, given.results if given.results in (("i32",), ("i64",)) else ("i32",))
    return Signature(params, () if result is None else (result,))


def link(core: ModuleCore, module: int, types: Types, hosts: Sequence[HostFunction], *, files: bool) -> int:
    """A `wasmtime_instance_pre_t` of the module with everything it imports.

    Host functions are numbered by their place in `hosts`. With `files`, preview 1 is wasmtime's own but for
    SHADOWED. Raises LinkError.
    """
    if types.others:
        raise LinkError(f"import '{types.others[0]}' is no function, expected functions only")
    if types.exports.get(START) != Signature((), ()):
        raise LinkError(
            f"module exports no function '{START}' without parameters", hint="build it as a command"
        )
    check_imports(types.imports, hosts)
    linker = capi().wasmtime_linker_new(core.engine)
    try:
        if files:
            capi().wasmtime_linker_allow_shadowing(linker, True)
            check(capi().wasmtime_linker_define_wasi(linker))
        for entry in {(entry.module, entry.name): entry for entry in types.imports}.values():
            callback = callback_for(core, entry, hosts, files=files)
            if callback is not None:
                define(linker, entry, callback)
        pre = POINTER()
        check(capi().wasmtime_linker_instantiate_pre(linker, module, ctypes.byref(pre)))
        return pre.value or 0
    except WasmtimeError as error:
        raise LinkError(f"module cannot be linked: {error}") from error
    finally:
        capi().wasmtime_linker_delete(linker)


def callback_for(
    core: ModuleCore, entry: FunctionImport, hosts: Sequence[HostFunction], *, files: bool
) -> Callback | None:
    """Who serves the import; None leaves it to wasmtime's WASI."""
    if (entry.module, entry.name) == LOG:
        return core.log()
    if (entry.module, entry.name) == TAKE:
        return core.take()
    for operation, host in enumerate(hosts):
        if (host.module, host.name) == (entry.module, entry.name):
            return core.host(operation, wide=entry.results == ("i64",))
    if files and entry.name not in SHADOWED:
        return None
    return core.wasi(entry.name)


def define(linker: int, entry: FunctionImport, callback: Callback) -> None:
    function = (
        capi().wasmtime_linker_define_async_func
        if callback.suspends
        else capi().wasmtime_linker_define_func_unchecked
    )
    module, name = entry.module.encode(), entry.name.encode()
    check(
        function(
            *(linker, module, len(module), name, len(name)),
            *(entry.functype, callback.address, callback.env, None),
        )
    )


def check_hosts(hosts: Iterable[HostFunction]) -> None:
    """Raises LinkError for a host function that no guest could call."""
    for host in hosts:
        if len(host.params) > MAX_ARGUMENTS or any(param not in ("i32", "i64") for param in host.params):
            raise LinkError(
                f"host function '{host.module}.{host.name}' has parameters {host.params}, "
                f"expected at most {MAX_ARGUMENTS} of i32 or i64"
            )
