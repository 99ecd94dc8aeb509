"""Gives modules that call their program something else a `_start`, which is what is called here.

Some are libraries (reactors) with a program in the export without a name, as ITK's pipelines are. They are
run as wasmtime's command line runs them: first `_initialize`, where there is one, then that. How a module is
entered is the cores' business.
"""

from __future__ import annotations

from collections.abc import Iterator

from gojinn.engine.inspect import DEFAULT, INITIALIZE, START, Reader, inspect_module
from gojinn.engine.rewrite import EXPORT, VOID, Rewriting, changed, leb, sized


def with_start(data: bytes) -> bytes:
    """The module with a `_start` that calls its program; `data` itself where it has one, or has no program.

    `data` must be a valid module.
    """
    return changed(data, rewritten)


def rewritten(data: bytes) -> bytes | None:
    module = Rewriting(data)
    if START in module.exports or not inspect_module(data, "module").has_start:
        return None
    functions = dict(exported_functions(module))
    steps = [functions[name] for name in (INITIALIZE, DEFAULT) if name in functions]
    start = module.functions()
    module.add_function(VOID, b"".join(b"\x10" + leb(step) for step in steps) + b"\x0b")
    module.append(EXPORT, sized(START.encode()) + b"\0" + leb(start))
    return module.result()


def exported_functions(module: Rewriting) -> Iterator[tuple[str, int]]:
    """Names and indices."""
    content = module.content(EXPORT)
    reader = Reader(content, 0, len(content))
    for _ in range(reader.count()):
        name, kind, index = reader.text(), reader.byte(), reader.number()
        if kind == 0:
            yield name, index
