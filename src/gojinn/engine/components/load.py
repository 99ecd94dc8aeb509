"""Loading components and linking them with what they import. Compiling is `code`'s, running one `guest`'s or
`native`'s.
"""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass

from gojinn.engine.capi import POINTER, capi, check
from gojinn.engine.components.http import INTERFACES as HTTP
from gojinn.engine.components.link import Callbacks, ComponentFunction, Linking
from gojinn.engine.components.streams import INTERFACES as STREAMS
from gojinn.engine.components.wasi import INTERFACES as WASI
from gojinn.engine.components.worlds import FUNCTIONS, Entry
from gojinn.engine.host import LinkError

INTERFACES = (*STREAMS, *WASI, *HTTP)
"""All that is offered but for the functions that suspend."""


@dataclass(slots=True)
class LinkedComponent:
    """A component with its linker; whoever has it frees it."""

    code: int
    """Its `wasmtime_component_t`."""
    point: int = 0
    """Which of its functions is called."""
    linker: int = 0

    def free(self) -> None:
        if self.linker:
            capi().wasmtime_component_linker_delete(self.linker)
        if self.point:
            capi().wasmtime_component_export_index_delete(self.point)
        capi().wasmtime_component_delete(self.code)


def linked(
    engine: int,
    compiled: str | os.PathLike[str],
    entry: Entry,
    callbacks: Callbacks,
    suspending: tuple[ComponentFunction, ...],
) -> LinkedComponent:
    """Maps a compiled component and links it. Raises WasmtimeError, LinkError."""
    made = LinkedComponent(load_component(engine, compiled))
    try:
        made.point = entry_point(made.code, entry)
        linking = Linking(engine, callbacks)
        made.linker = linking.linker
        linking.interfaces(entry.imports, INTERFACES, suspending)
        linking.rest_as_traps(made.code)
    except BaseException:
        made.free()
        raise
    return made


def load_component(engine: int, compiled: str | os.PathLike[str]) -> int:
    """Maps a compiled component; returns its `wasmtime_component_t`. Raises WasmtimeError.

    The file is native code and is trusted: whoever calls has checked where it comes from.
    """
    component = POINTER()
    check(capi().wasmtime_component_deserialize_file(engine, os.fsencode(compiled), ctypes.byref(component)))
    return component.value or 0


def entry_point(component: int, entry: Entry) -> int:
    """The `wasmtime_component_export_index_t` of the function to call. Raises LinkError."""
    find, interface = capi().wasmtime_component_get_export_index, entry.interface.encode()
    outer = find(component, None, interface, len(interface))
    name = FUNCTIONS[entry.world].encode()
    inner: int | None = find(component, outer, name, len(name)) if outer else None
    if outer:
        capi().wasmtime_component_export_index_delete(outer)
    if not inner:
        raise LinkError(f"component exports no '{entry.interface}' with a function '{name.decode()}'")
    return inner
