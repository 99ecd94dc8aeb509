"""Native code of the modules that snapshots are made from, kept between builds. Making them is `snapshot`'s.

An interpreter's image takes seconds to compile and is the same for every function: of several builds one does
it and the others wait. What is kept is sealed as the compile cache's entries are: native code is only run
when this cache has written it.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import wasmtime

from gojinn import xdg
from gojinn.engine.sealing import BrokenSeal, Seal, open_seal
from gojinn.errors import StartError
from gojinn.locking import locked

MOST = 20
"""Modules that are kept; those that were written longest ago go first."""


def folder() -> Path:
    """Where they are kept: `gojinn/snapshots` in the user's cache directory."""
    return xdg.cache() / "snapshots"


def compiled(engine: wasmtime.Engine, wasm: bytes) -> wasmtime.Module:
    """The module, from what is kept or compiled now. Raises wasmtime.WasmtimeError for a bad one."""
    name = hashlib.sha256(wasm).hexdigest()
    with suppress(StartError, OSError):
        seal = open_seal(folder())
        if found := kept(engine, seal, name):
            return found
        with locked(folder()):
            return kept(engine, seal, name) or keep(wasmtime.Module(engine, wasm), seal, name)
    return wasmtime.Module(engine, wasm)


def path_of(name: str) -> Path:
    return folder() / f"{name}.cwasm"


def kept(engine: wasmtime.Engine, seal: Seal, name: str) -> wasmtime.Module | None:
    """What is kept under a name; None where there is nothing that this release can use."""
    try:
        return wasmtime.Module.deserialize(engine, seal.read(path_of(name), name))
    except (BrokenSeal, wasmtime.WasmtimeError):
        return None


def keep(module: wasmtime.Module, seal: Seal, name: str) -> wasmtime.Module:
    """Keeps a module. What goes wrong with that is nobody's trouble: it is compiled again the next time."""
    with suppress(OSError):
        seal.write(path_of(name), name, bytes(module.serialize()))
        for old in sorted(folder().glob("*.cwasm"), key=lambda path: path.stat().st_mtime)[:-MOST]:
            old.unlink(missing_ok=True)
    return module
