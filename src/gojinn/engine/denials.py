"""Makes a module tell which of its file operations were denied. The words for it are `functions.denials`'.

wasmtime's own WASI serves them, and its C API has no way to see its answers. So each call of one of CALLS
becomes a call of an added function that calls the import and, when the answer is PERM or NOTCAPABLE, notes
that in an exported global. What the guest computes does not change.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from gojinn.engine.instructions import calls, read_number
from gojinn.engine.rewrite import GLOBAL, ZERO_GLOBAL, Rewriting, changed, leb, sized
from gojinn.engine.slashes import calling
from gojinn.engine.wasi import FUNCTIONS, MODULE, Signature

DENIED_EXPORT: Final = "__gojinn_denied"
"""Name of the exported mutable i32 global: a bit for each of CALLS that was denied, and above them how many
such calls there were."""

PERM, NOTCAPABLE = 63, 76
"""What wasmtime answers where a path leads out of a mount or a mount is read only. Other answers (a file's
mode, a name that is not there) are the folder's, not a missing grant's."""

CALLS: Final = (
    *("path_create_directory", "path_filestat_get", "path_filestat_set_times", "path_link", "path_open"),
    *("path_readlink", "path_remove_directory", "path_rename", "path_symlink", "path_unlink_file"),
)

METHODS: Final = (
    *("create-directory-at", "stat-at", "set-times-at", "link-at", "open-at"),
    *("readlink-at", "remove-directory-at", "rename-at", "symlink-at", "unlink-file-at"),
)
"""The same in WASI 0.2, in that order; `components.filesystem` serves them."""

TYPES = {"i32": b"\x7f", "i64": b"\x7e"}


def with_denials(data: bytes) -> bytes:
    """The module with denied calls reported in `DENIED_EXPORT`; `data` itself where no path is used.

    `data` must be a valid module. A module that cannot be rewritten for any reason is returned as it is.
    """
    if b"path_" not in data:
        return data
    return changed(data, rewritten)


def rewritten(data: bytes) -> bytes | None:
    module = Rewriting(data)
    imports = {
        index: entry.name
        for index, entry in enumerate(module.function_imports())
        if entry.module == MODULE
        and entry.name in CALLS
        and Signature(entry.params, entry.results) == FUNCTIONS[entry.name]
    }
    if not imports or DENIED_EXPORT in module.exports or not call_added(module, imports):
        return None
    denied = module.globals()
    for index, name in imports.items():
        module.add_function(functype(FUNCTIONS[name]), noting(index, name, denied))
    module.append(GLOBAL, ZERO_GLOBAL)
    module.add_export(DENIED_EXPORT, "global", denied)
    return module.result()


def call_added(module: Rewriting, imports: Mapping[int, str]) -> bool:
    """Puts calls of the next functions, one for each import in their order, in place of calls of those."""
    pattern = calling(list(imports))
    added = {index: module.functions() + place for place, index in enumerate(imports)}

    def find(code: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
        return calls(pattern, code, at, end)

    def instead(call: bytes) -> bytes:
        return b"\x10" + leb(added[read_number(call, 1, len(call))[0]])

    return module.put_instead(pattern, find, instead)


def functype(wanted: Signature) -> bytes:
    return b"\x60" + b"".join(sized(b"".join(map(TYPES.__getitem__, kinds))) for kinds in wanted)


def noting(index: int, name: str, denied: int) -> bytes:
    """Calls the function number `index` with its own parameters, of which the first then holds the answer,
    and notes in the global number `denied` when that is one of PERM and NOTCAPABLE."""
    count = len(FUNCTIONS[name].params)
    call = b"".join(b"\x20" + leb(place) for place in range(count)) + b"\x10" + leb(index)
    perm = b"\x22\x00" + constant(PERM) + b"\x46"  # local.tee 0, i32.eq
    notcapable = b"\x20\x00" + constant(NOTCAPABLE) + b"\x46\x72"  # i32.or
    bit, one = constant(1 << CALLS.index(name)), constant(1 << len(CALLS))
    note = b"\x23" + leb(denied) + bit + b"\x72" + one + b"\x6a\x24" + leb(denied)  # get, or, add, set
    return call + perm + notcapable + b"\x04\x40" + note + b"\x0b\x20\x00\x0b"


def constant(value: int) -> bytes:
    """`i32.const` of a number that is not negative: signed, so that its highest bit must be clear."""
    number = leb(value)
    if number[-1] & 0x40:
        number = number[:-1] + bytes([number[-1] | 0x80, 0])
    return b"\x41" + number


def denied_calls(noted: int, calls: Sequence[str] = CALLS) -> tuple[int, list[str]]:
    """Returns how many calls were denied and which, of what the global held; `calls` are their names. After
    some four millions the count begins again."""
    names = [name for place, name in enumerate(calls) if noted >> place & 1]
    return max(noted >> len(CALLS), len(names)), names
