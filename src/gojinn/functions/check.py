"""Whether a module can serve as a function, from what it says of itself. Compiles and runs nothing."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from gojinn.capabilities import imports as gojinn_imports
from gojinn.engine import wasi
from gojinn.engine.components.worlds import HOST_CALL, HOST_VERSION, World, entry_of, offered
from gojinn.engine.entrance import unentered
from gojinn.engine.inspect import Import, ModuleInfo
from gojinn.engine.limits import WASM_PAGE
from gojinn.errors import ModuleError
from gojinn.functions.config import FunctionConfig

PREDECESSOR = "wasi_unstable"
"""Module name of the WASI that came before preview 1."""


def check(config: FunctionConfig, info: ModuleInfo) -> None:
    """Raises ModuleError, placed at the directive, when the module cannot serve this function."""
    lacking = unentered(info)
    if lacking is not None:
        raise fault(config, *lacking)
    if info.component:
        check_component(config, info)
        return
    if not info.memory_exported:
        raise fault(config, "does not export its memory as 'memory'", "build it for the target wasm32-wasi")
    check_sizes(config, info)
    check_options(config)
    granted = config.permissions.granted()
    for entry in info.imports:
        check_import(config, entry, granted)


def check_component(config: FunctionConfig, info: ModuleInfo) -> None:
    """Raises ModuleError unless a component suits its options, and imports only what this host has."""
    entered = entry_of(name for name, _ in info.exports)
    if entered is not None:
        check_form(config, entered.world)
    check_options(config)
    for entry in info.imports:
        if entry.kind != "instance" or not offered(entry.module):
            raise fault(
                config,
                f"imports '{entry.module}', which this host does not have",
                f"build it with WASI 0.2 and '{HOST_CALL}@{HOST_VERSION}' only",
            )


def check_form(config: FunctionConfig, world: World) -> None:
    """Raises ModuleError for a form of request or answer that does not reach a component."""
    if world is World.PROXY and (config.response != "json" or config.script):
        word = "response" if config.response != "json" else "request"
        raise fault(config, "is asked and answers through 'wasi:http'", f"remove the line '{word} cgi'")
    if world is World.HANDLER and config.script:
        hint = "add the line 'request json'" if config.request is None else "remove the line 'request cgi'"
        raise fault(config, f"is asked through '{world.value}', which is no CGI", hint)


def check_options(config: FunctionConfig) -> None:
    """Raises ModuleError for options of a capability that do not fit together, or became empty."""
    for joined in config.joined():
        why = joined.fault() if hasattr(joined, "fault") else None
        if why is not None:
            raise fault(config, why)


def check_sizes(config: FunctionConfig, info: ModuleInfo) -> None:
    """Raises ModuleError when the module starts out larger than it may ever become."""
    memory = info.memory_min * WASM_PAGE
    if memory > config.memory_limit:
        raise fault(
            config,
            f"starts with {memory} bytes of memory, its memory_limit is {config.memory_limit}",
            f"add the line 'memory_limit {-(-memory // (1 << 20))}MiB' to its block",
        )
    tables = config.limits().tables
    if info.table_min > tables:
        raise fault(config, f"starts with a table of {info.table_min} entries, expected at most {tables}")


def check_import(config: FunctionConfig, entry: Import, granted: frozenset[str]) -> None:
    """Raises ModuleError for an import that nothing offers, or that this function may not have."""
    if entry.kind != "func":
        raise fault(
            config,
            f"imports the {entry.kind} '{entry.module}.{entry.name}', expected functions only",
            "build it for the target wasm32-wasi",
        )
    if entry.module == gojinn_imports.MODULE:
        check_gojinn(config, entry, granted)
    elif entry.module == wasi.MODULE:
        check_wasi(config, entry)
    else:
        raise unknown(config, entry)


def check_gojinn(config: FunctionConfig, entry: Import, granted: frozenset[str]) -> None:
    """Raises ModuleError unless the contract has this import and the function is granted it."""
    offered = gojinn_imports.IMPORTS.get(entry.name)
    if offered is None:
        raise unknown(config, entry, gojinn_imports.IMPORTS)
    if not gojinn_imports.fits(offered, entry.params, entry.results):
        expected = wasi.Signature(offered.params, (offered.result,) if offered.result else ())
        raise mismatch(config, entry, expected)
    if offered.permission and offered.permission not in granted:
        raise fault(
            config,
            f"imports '{entry.module}.{entry.name}', which this function is not granted",
            f"add the line '{offered.permission} <prefix or *>' to 'permissions' in its block",
        )


def check_wasi(config: FunctionConfig, entry: Import) -> None:
    """Raises ModuleError unless WASI preview 1 has this function."""
    expected = wasi.FUNCTIONS.get(entry.name)
    if expected is None:
        raise unknown(config, entry, wasi.FUNCTIONS)
    if (entry.params, entry.results) != expected:
        raise mismatch(config, entry, expected)


def unknown(config: FunctionConfig, entry: Import, offered: Iterable[str] = ()) -> ModuleError:
    """Makes the error for an import that this host does not have."""

    near = get_close_matches(entry.name, list(offered), n=1)
    if near:
        hint = f"did you mean '{near[0]}'?"
    elif entry.module == PREDECESSOR:
        hint = f"build it with a toolchain of today, for '{wasi.MODULE}'"
    else:
        hint = "build it for the target wasm32-wasi, without further host functions"
    return fault(config, f"imports '{entry.module}.{entry.name}', which this host does not have", hint)


def mismatch(config: FunctionConfig, entry: Import, expected: wasi.Signature) -> ModuleError:
    """Makes the error for an import that is declared with other types."""
    given = wasi.Signature(entry.params, entry.results)
    return fault(config, f"imports '{entry.module}.{entry.name}' as {given}, expected {expected}")


def fault(config: FunctionConfig, what: str, hint: str | None = None) -> ModuleError:
    """Makes the error that names the module and points at its directive."""
    message = f"module '{config.module}' {what}"
    if config.origin is None:
        return ModuleError(message, hint=hint)
    return ModuleError(message, place=config.origin.place, source=config.origin.source, hint=hint)
