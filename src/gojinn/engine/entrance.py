"""Whether modules have a program, and a `_start` for those that call it something else: that is called here.

Some are libraries (reactors) with a program in the export without a name, as ITK's pipelines are. They are
run as wasmtime's command line runs them: first `_initialize`, where there is one, then that. How a module is
entered is the cores' business.
"""

from __future__ import annotations

from gojinn.engine.components.worlds import entry_of, unserved
from gojinn.engine.elsewhere import made_for_javascript
from gojinn.engine.inspect import DEFAULT, INITIALIZE, START, ModuleInfo, inspect_module
from gojinn.engine.rewrite import VOID, Rewriting, changed, leb


def unentered(info: ModuleInfo) -> tuple[str, str] | None:
    """Why a module or component cannot be called as a program, and what to do about it; None where it can."""
    if info.component:
        exports = [name for name, _ in info.exports]
        return None if entry_of(exports) else unserved(exports)
    elsewhere = made_for_javascript(info.imports)
    if elsewhere is not None or info.has_start:
        return elsewhere
    what = f"does not export '{START}' as a function without parameters and results"
    return what, "build it as a WASI command, not as a library (a reactor)"


def with_start(data: bytes) -> bytes:
    """The module with a `_start` that calls its program; `data` itself where it has one, or has no program.

    `data` must be a valid module.
    """
    return changed(data, rewritten)


def rewritten(data: bytes) -> bytes | None:
    module = Rewriting(data)
    if START in module.exports or not inspect_module(data, "module").has_start:
        return None
    functions = {export.name: export.index for export in module.exported() if export.kind == "func"}
    steps = [functions[name] for name in (INITIALIZE, DEFAULT) if name in functions]
    start = module.functions()
    module.add_function(VOID, b"".join(b"\x10" + leb(step) for step in steps) + b"\x0b")
    module.add_export(START, "func", start)
    return module.result()
