"""Where instructions of a function body begin: an instruction-length decoder that knows no meanings.

The table holds what the engine's features allow: MVP, sign extension, saturating conversions, bulk memory,
reference types, multi-value, SIMD and relaxed SIMD, tail calls and exceptions (`exnref`). Everything else
is unknown to it, and bodies with unknown bytes raise `Unknown`. All but a few instructions are a regular
language, so that runs of them are skipped at the speed of the regular expression engine.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LEB = rb"[\x80-\xff]{0,9}[\x00-\x7f]"
BLOCK_TYPE = rb"(?:[\x63\x64])?+" + LEB
MEMARG = rb"(?:[\x00-\x3f]|[\x40-\x7f]" + LEB + rb")" + LEB

REGULAR = (
    rb"[\x20-\x26\x0c\x0d\x10\x12\x08\x41\x42\xd2\x3f]" + LEB,  # one index, label or number
    rb"[\x01\x05\x0b\x0f\x1a\x1b\x45-\xc4\x0a\xd1]",  # no immediate
    rb"[\x28-\x3e]" + MEMARG,
    rb"[\x02-\x04]" + BLOCK_TYPE,
    rb"[\x11\x13]" + LEB + LEB,
    rb"\x44[\x00-\xff]{8}",
    rb"\x43[\x00-\xff]{4}",
    rb"\xd0" + LEB,
    rb"\xfc(?:[\x00-\x07]|[\x09\x0b\x0d\x0f\x10\x11]" + LEB + rb"|[\x08\x0a\x0c\x0e]" + LEB + LEB + rb")",
    rb"\xfd(?:[\x00-\x0b\x5c\x5d]" + MEMARG,
    rb"[\x0c\x0d][\x00-\xff]{16}",
    rb"[\x54-\x5b]" + MEMARG + rb"[\x00-\xff]",
    rb"[\x15-\x22][\x00-\xff]",
    rb"[\x0e-\x14\x23-\x53\x5e-\x7f]",
    rb"[\x80-\xff][\x01\x02])",
)
UNREACHABLE = 0x00
REACHED = re.compile(rb"(?>(?:" + rb"|".join(REGULAR) + rb")*)", re.DOTALL)
"""An atomic group, because before Python 3.11.5 `*+` keeps what a last, failed attempt has read (CPython
issue 106052)."""
RUN = re.compile(rb"(?>(?:" + rb"|".join((*REGULAR, rb"\x00")) + rb")*)", re.DOTALL)
"""The same with `unreachable`."""

NUMBER = re.compile(LEB, re.DOTALL)
VALUE_TYPE = re.compile(rb"[\x63\x64]" + LEB + rb"|[\x69-\x7f]", re.DOTALL)
CATCH = re.compile(rb"[\x00\x01]" + LEB + LEB + rb"|[\x02\x03]" + LEB, re.DOTALL)
TRY_TYPE = re.compile(BLOCK_TYPE, re.DOTALL)

MEMORY_GROW = 0x40
BR_TABLE = 0x0E
TYPED_SELECT = 0x1C
TRY_TABLE = 0x1F


class Unknown(Exception):
    """The body holds what the table does not: at which byte of the module."""


def memory_grows(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each `memory.grow` of the body's expression from `at` to `end` begins and ends. Raises Unknown.

    The body must be valid: this finds boundaries, it does not check types or nesting.
    """
    while (at := skip_run(data, at, end)) < end:
        after = skip_irregular(data, at, end)
        if data[at] == MEMORY_GROW:
            yield at, after
        at = after


def unreachables(data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each `unreachable` begins and ends; as `memory_grows` otherwise."""
    while (at := skip_run(data, at, end, REACHED)) < end:
        after = at + 1 if data[at] == UNREACHABLE else skip_irregular(data, at, end)
        if data[at] == UNREACHABLE:
            yield at, after
        at = after


def calls(pattern: re.Pattern[bytes], data: bytes, at: int, end: int) -> Iterator[tuple[int, int]]:
    """Where each `call` that `pattern` matches begins and ends; as `memory_grows` otherwise."""
    while at < end:
        stop = skip_run(data, at, end)
        hit = pattern.search(data, at, stop)
        while hit is not None:
            start, after = hit.span()
            if skip_run(data, at, start) == start:  # else the bytes belong to other instructions
                yield start, after
                at, start = after, after - 1
            hit = pattern.search(data, start + 1, stop)
        at = stop if stop == end else skip_irregular(data, stop, end)


def skip_irregular(data: bytes, at: int, end: int) -> int:
    """Where an instruction that is in no run ends. Raises Unknown."""
    opcode = data[at]
    if opcode == MEMORY_GROW:
        return match(NUMBER, data, at + 1, end)
    if opcode == BR_TABLE:
        return match(NUMBER, data, skip_vector(NUMBER, data, at + 1, end), end)
    if opcode == TYPED_SELECT:
        return skip_vector(VALUE_TYPE, data, at + 1, end)
    if opcode == TRY_TABLE:
        return skip_vector(CATCH, data, match(TRY_TYPE, data, at + 1, end), end)
    raise Unknown(at)


def skip_locals(data: bytes, at: int, end: int) -> int:
    """Where the expression begins in a body that begins at `at` with its locals. Raises Unknown."""
    count, at = read_number(data, at, end)
    for _ in range(bounded(count, at, end)):
        at = match(VALUE_TYPE, data, match(NUMBER, data, at, end), end)
    return at


def skip_run(data: bytes, at: int, end: int, run: re.Pattern[bytes] = RUN) -> int:
    found = run.match(data, at, end)
    return at if found is None else found.end()


def skip_vector(item: re.Pattern[bytes], data: bytes, at: int, end: int) -> int:
    count, at = read_number(data, at, end)
    for _ in range(bounded(count, at, end)):
        at = match(item, data, at, end)
    return at


def bounded(count: int, at: int, end: int) -> int:
    """`count`, unless its entries could not fit. Raises Unknown."""
    if count > end - at:
        raise Unknown(at)
    return count


def match(pattern: re.Pattern[bytes], data: bytes, at: int, end: int) -> int:
    found = pattern.match(data, at, end)
    if found is None:
        raise Unknown(at)
    return found.end()


def read_number(data: bytes, at: int, end: int) -> tuple[int, int]:
    """An unsigned LEB128 number and where it ends. Raises Unknown."""
    after = match(NUMBER, data, at, end)
    value = 0
    for byte in reversed(data[at:after]):
        value = value << 7 | byte & 0x7F
    return value, after
