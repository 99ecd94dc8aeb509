"""Has a component that dies for want of memory say so in its trap. Refused growth of modules is `growth`'s.

What a component exports for itself cannot be looked at after a trap, as a module's globals can. So where a
growth was refused before, each `unreachable`, which is how programs give up, traps within a function whose
name stands in the trap's backtrace. What the guest computes does not change.
"""

from __future__ import annotations

import re

from gojinn.engine.growth import GROW, GROW_TYPE, PLAIN_GROW, growing, plain_grows
from gojinn.engine.inspect import Reader
from gojinn.engine.instructions import unreachables
from gojinn.engine.rewrite import CODE, GLOBAL, VOID, ZERO_GLOBAL, Rewriting, changed, leb, sized

OUT_OF_MEMORY = "__gojinn_out_of_memory"
"""Name of the function; `native/component.c` knows it, too."""

MODULE, COMPONENT = 1, 4
"""Ids of a component's sections that hold a module, or another component."""
DEEPEST = 10
"""Components within components that are looked into; toolchains make two or three."""
UNREACHABLE = re.compile(rb"\x00")
CUSTOM, FUNCTION_NAMES = 0, b"\x01"


def with_reason(data: bytes) -> bytes:
    """The component with that in all its modules. What cannot be rewritten stays as it is."""
    return changed(data, rewritten)


def rewritten(data: bytes, depth: int = 0) -> bytes:
    """Does it for one component and those inside. Raises Malformed."""
    pieces, reader = [data[:8]], Reader(data, 8, len(data))
    while reader.at < reader.end:
        section = reader.byte()
        content = reader.slice(reader.number())
        if section == MODULE:
            content = changed(content, telling)
        elif section == COMPONENT and depth < DEEPEST:
            content = rewritten(content, depth + 1)
        pieces += [bytes([section]), sized(content)]
    return b"".join(pieces)


def telling(data: bytes) -> bytes | None:
    """Does it for one module; None where nothing grows."""
    module = Rewriting(data)
    if PLAIN_GROW not in module.content(CODE) or not module.call_instead(GROW, plain_grows):
        return None
    refused = module.globals()
    module.add_function(GROW_TYPE, growing(refused))
    module.append(GLOBAL, ZERO_GLOBAL)
    check = module.functions()
    module.put_instead(UNREACHABLE, unreachables, lambda _: b"\x10" + leb(check) + b"\x00")
    module.add_function(VOID, b"\x23" + leb(refused) + b"\x04\x40\x10" + leb(check + 1) + b"\x0b\x0b")
    module.add_function(VOID, b"\x00\x0b")
    module.parts.append((CUSTOM, names(check + 1, OUT_OF_MEMORY)))
    return module.result()


def names(function: int, name: str) -> bytes:
    """A custom section that names one function, beside another that may name others."""
    entry = b"\x01" + leb(function) + sized(name.encode())
    return sized(b"name") + FUNCTION_NAMES + sized(entry)
