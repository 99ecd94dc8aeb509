"""Has modules of a component write to streams from even addresses, where strings in Latin-1 must lie. Why
bytes are to be such strings is in `latin1`.

Each call of a function that writes becomes a call of an added one. Where the bytes are at an odd address,
that moves them down by one for as long as the call takes. What the guest computes does not change.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from gojinn.engine.denials import call_added
from gojinn.engine.inspect import Import, Malformed
from gojinn.engine.instructions import calls, skip_locals
from gojinn.engine.rewrite import CODE, GLOBAL, Rewriting, bodies, leb
from gojinn.engine.slashes import padded

WRITES: Final = ("[method]output-stream.write", "[method]output-stream.blocking-write-and-flush")
STREAMS: Final = re.compile(r"wasi:io/streams@0\.2\..*")
PARAMS: Final = ("i32",) * 4
"""The stream, address and length of the bytes, and where the result goes."""
FUNCTYPE: Final = bytes.fromhex("60 04 7f7f7f7f 00")

CALL: Final = bytes.fromhex("2000 2001 2002 2003 10")
"""The parameters, then a call of what follows."""
COPY: Final = bytes.fromhex("2002 fc0a 0000")
"""memory.copy of as many bytes as there are; the two addresses are there already."""
ODD: Final = bytes.fromhex("2001 4101 71 04 40")
LOWER: Final = bytes.fromhex("2001 4101 6b 21 01")
LOW, HIGH = bytes.fromhex("2001"), bytes.fromhex("2001 4101 6a")
"""The address, and the next."""
LOAD, STORE = bytes.fromhex("2d 0000"), bytes.fromhex("3a 0000")
ELSE, END = b"\x05", b"\x0b"


def evened(data: bytes) -> tuple[bytes, int]:
    """The module with that, and how many functions that write it imports. Raises Malformed, ModuleError or
    Unknown where these may be called in ways that are not looked for."""
    if not any(name.encode() in data for name in WRITES):
        return data, 0
    module = Rewriting(data)
    imports = {index: each.name for index, each in enumerate(module.function_imports()) if writes(each)}
    if not imports:
        return data, 0
    added = {index: module.functions() + place for place, index in enumerate(imports)}
    call_added(module, imports)
    if not module.point_instead(added) or any(passed_on(module, imports)):
        raise Malformed("functions that write are passed on")
    for index in imports:
        module.add_function(FUNCTYPE, moving(index))
    return module.result(), len(imports)


def writes(entry: Import) -> bool:
    """Whether an imported function writes bytes to a stream."""
    if entry.name not in WRITES or STREAMS.fullmatch(entry.module) is None:
        return False
    if (entry.params, entry.results) != (PARAMS, ()):
        raise Malformed(f"'{entry.name}' of another type")
    return True


def passed_on(module: Rewriting, imports: Mapping[int, str]) -> Iterator[bool]:
    """Where one of the imports is handed to somebody else, or called at the end of a function."""
    yield any(each.kind == "func" and each.index in imports for each in module.exported())
    others = re.compile(b"[\x12\xd2](?:" + b"|".join(map(padded, imports)) + b")", re.DOTALL)
    yield others.search(module.content(GLOBAL)) is not None
    code = module.content(CODE)
    for _, start, end in bodies(code, others):
        yield any(calls(others, code, skip_locals(code, start, end), end))


def moving(index: int) -> bytes:
    """(param stream at size result): calls the function number `index`, whose bytes are at an even address
    then. The byte in front of them is kept on the stack meanwhile."""
    call = CALL + leb(index)
    down, up = HIGH + COPY, HIGH + LOW + COPY
    keep = LOW + LOW + LOAD
    return ODD + LOWER + keep + LOW + down + call + up + STORE + ELSE + call + END + END
