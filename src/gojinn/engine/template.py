"""Native code of modules that differ only in the memory they begin with: one of them is compiled, the others
are copies of it with their own memory. Compiling is `compile`'s, files are `entries`'.

wasmtime keeps code, what it notes of it, and the initial memory in sections of one ELF file, the memory in
whole pages. Two snapshots of one interpreter (`freeze` marks them) have the same bytes everywhere but in
these pages. So what is compiled once is the module with random bytes as its memory: they are found in the
file, in one place, and there the memory of each function is put. Which modules are that alike, a hash of
everything else says.
"""

from __future__ import annotations

import hashlib
import platform
import random
import struct
from typing import NamedTuple

from gojinn.engine.freeze import DATA, DATA_COUNT, MARK, SPARSE, active_segment, count_of, signed_number
from gojinn.engine.inspect import Malformed, sections
from gojinn.engine.rewrite import Rewriting, leb, sized

PAGE = 4096 if platform.machine() == "x86_64" else 64 << 10
"""Bytes of which wasmtime makes initial memories: the architecture's largest page."""
LARGEST = 200 << 20
"""Bytes of memory from which a module is compiled by itself: noise is made at once, below 2^31 bits."""
FIRST_NOISE = 64
"""Bytes by which a template's memory is found."""


class Parted(NamedTuple):
    """A module apart from the memory that it begins with."""

    key: str
    """Of everything else, in hexadecimal."""
    passive: list[bytes]
    """Data segments that instructions copy."""
    at: int
    """Where its memory is no longer empty."""
    image: bytes
    """What is there, in whole pages, neither first nor last of which is empty."""

    def noise(self) -> bytes:
        """What stands for the image in a template; the same for the same key, and not 0 at either end."""
        return b"\x01" + random.Random(self.key).randbytes(len(self.image) - 2) + b"\x01"

    def filled(self, template: bytes) -> bytes | None:
        """The native code of the module; None where the template's is not as it is with wasmtime's now."""
        noise = self.noise()
        first = noise[:FIRST_NOISE]
        at = template.find(first)
        end = at + len(noise)
        if at < 0 or at % PAGE or template.find(first, at + 1) >= 0 or template[at:end] != noise:
            return None
        with memoryview(template) as code:
            return b"".join((code[:at], self.image, code[end:]))


def parted(data: bytes) -> Parted | None:
    """Takes a snapshot apart; None for what is not marked as one of several, or is not as those are."""
    if MARK not in data:
        return None
    try:
        passive, active = segments(data)
    except Malformed:
        return None
    start = min((at for at, content in active if content), default=0) // PAGE * PAGE
    end = max((at + len(content) for at, content in active), default=0)
    if end - start > min(LARGEST, max(SPARSE, 2 * len(data))):
        return None
    memory = bytearray(end - start)
    for at, content in active:
        memory[at - start : at - start + len(content)] = content
    used = len(memory.rstrip(b"\0"))
    if not used:
        return None
    empty = (len(memory) - len(memory.lstrip(b"\0"))) // PAGE * PAGE
    image = bytes(memory[empty:used]).ljust(-(-used // PAGE) * PAGE - empty, b"\0")
    at = start + empty
    return Parted(key_of(data, passive, at, len(image)), passive, at, image)


def segments(data: bytes) -> tuple[list[bytes], list[tuple[int, bytes]]]:
    """The passive data segments, and the active ones behind them with their places. Raises Malformed."""
    passive: list[bytes] = []
    active: list[tuple[int, bytes]] = []
    for _, reader in (each for each in sections(data) if each[0] == DATA):
        for _ in range(reader.count()):
            kind = reader.number()
            if kind == 1 and not active:
                passive.append(reader.slice(reader.number()))
            elif kind == 0 and reader.byte() == 0x41:
                at = signed_number(reader) & 0xFFFFFFFF
                if reader.byte() != 0x0B:
                    raise Malformed("a place that is no constant")
                active.append((at, reader.slice(reader.number())))
            else:
                raise Malformed("a segment that is not as in a snapshot")
        if reader.at != reader.end:
            raise Malformed("something behind the last segment")
    return passive, active


def key_of(data: bytes, passive: list[bytes], at: int, size: int) -> str:
    """What two modules have in common that differ in their memory only."""
    digest = hashlib.sha256(struct.pack("<QQQ", at, size, len(passive)))
    for content in passive:
        digest.update(sized(content))
    with memoryview(data) as view:
        for section, reader in sections(data):
            if section not in (DATA, DATA_COUNT):
                digest.update(struct.pack("<BQ", section, reader.end - reader.at))
                digest.update(view[reader.at : reader.end])
    return digest.hexdigest()


def template(data: bytes, parts: Parted) -> bytes:
    """The module to compile once for all that are like this one: with noise as its memory."""
    module = Rewriting(data)
    entries = [b"\x01" + sized(content) for content in parts.passive]
    entries.append(active_segment(parts.at, parts.noise()))
    module.replace(DATA_COUNT, count_of(entries))
    module.replace(DATA, leb(len(entries)) + b"".join(entries))
    return module.result()
