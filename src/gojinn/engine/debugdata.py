"""Takes the debug data out of a module, which nothing here reads. The names of its functions stay: traps are
told with them."""

from __future__ import annotations

from gojinn.engine.inspect import Malformed, Reader
from gojinn.engine.rewrite import Rewriting, changed

CUSTOM = 0
DEBUG = ".debug_"
"""What the names of DWARF's sections begin with."""


def without_debug_data(data: bytes) -> bytes:
    """The module without its sections of DWARF; as it is where it cannot be read."""
    return changed(data, slim)


def slim(data: bytes) -> bytes:
    """Leaves the sections of DWARF out. Raises Malformed or ModuleError for what cannot be read."""
    module = Rewriting(data)
    module.parts = [part for part in module.parts if part[0] != CUSTOM or not is_debug(part[1])]
    return module.result()


def is_debug(content: bytes) -> bool:
    """Whether a custom section is one of DWARF's."""
    try:
        return Reader(content, 0, len(content)).text().startswith(DEBUG)
    except Malformed:
        return False
