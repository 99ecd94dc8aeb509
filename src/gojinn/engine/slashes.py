"""Lets `path_remove_directory` take names with slashes at their end, as rmdir does. Linking is `link`'s.

wasmtime's own WASI answers INVAL to `dir/` (its issues 8828 and 11524: it looks for the last component and
then removes `dir/.`), though the specification says that the call is rmdir. A host function cannot call
another with a shorter name, so that the module does it itself: each call of the import becomes a call of one
added function that first cuts the slashes off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gojinn.engine.instructions import calls
from gojinn.engine.rewrite import Rewriting, changed, leb
from gojinn.engine.wasi import FUNCTIONS, MODULE

NAME = "path_remove_directory"
FUNCTYPE = b"\x60\x03\x7f\x7f\x7f\x01\x7f"


def with_trailing_slashes(data: bytes) -> bytes:
    """The module with such names cut before wasmtime sees them; `data` itself where no folder is removed.

    `data` must be a valid module. A module that cannot be rewritten for any reason is returned as it is.
    """
    if NAME.encode() not in data:
        return data
    return changed(data, rewritten)


def rewritten(data: bytes) -> bytes | None:
    module = Rewriting(data)
    indices = [
        index
        for index, entry in enumerate(module.function_imports())
        if (entry.module, entry.name, entry.params) == (MODULE, NAME, FUNCTIONS[NAME].params)
    ]
    if not indices or module.exports.get("memory") != "memory":
        return None
    pattern = calling(indices)

    def find(code: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
        return calls(pattern, code, at, end)

    if not module.call_instead(pattern, find):
        return None
    return module.add_function(FUNCTYPE, cutting(indices[0])).result()


def calling(indices: Sequence[int]) -> re.Pattern[bytes]:
    """A `call` of one of these functions, its index as short as it can be or padded by the linker."""
    return re.compile(b"\x10(?:" + b"|".join(map(padded, indices)) + b")", re.DOTALL)


def padded(index: int) -> bytes:
    short = leb(index)
    last = re.escape(short[-1:]) + b"|" + re.escape(bytes([short[-1] | 0x80])) + b"\x80{0,3}\x00"
    return re.escape(short[:-1]) + b"(?:" + last + b")"


def cutting(removing: int) -> bytes:
    """(param fd name size) (result errno): makes `size` smaller while more than one byte is left and the last
    is a slash, then calls the function number `removing`."""
    longer = b"\x20\x02\x41\x01\x4b\x04\x40"  # if size > 1
    shorter = b"\x20\x02\x41\x01\x6b"  # size - 1
    slash = b"\x20\x01" + shorter + b"\x6a\x2d\x00\x00\x41\x2f\x46\x04\x40"  # if name[size - 1] == '/'
    again = shorter + b"\x21\x02\x0c\x02"  # set size, go on
    loop = b"\x03\x40" + longer + slash + again + b"\x0b\x0b\x0b"
    return loop + b"\x20\x00\x20\x01\x20\x02\x10" + leb(removing) + b"\x0b"
