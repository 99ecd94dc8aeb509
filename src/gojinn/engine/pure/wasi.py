"""WASI preview 1 for guests with stdio only, in Python: what `native/wasi.c` is to `core`, this is to `pure`.

These functions run on a guest's stack. They only copy bytes: no loops over what a guest sized, no parsing,
nothing that waits, nothing that recurses. Behaviour is that of `native/wasi.c`; one suite tests both. Each
takes the guest and its arguments as 32-bit words, four to an argument, and returns the errno, or raises
`Fault` for a trap.
"""

from __future__ import annotations

import os
import struct
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from gojinn.engine.limits import encoded

SUCCESS, BADF, INVAL, NOTDIR, NOTSOCK, NOTSUP, SPIPE = 0, 8, 28, 54, 57, 58, 70
STDIN, STDOUT, STDERR, CLOSED = range(4)

STDERR_LEVEL = 4

RIGHT_READ, RIGHT_WRITE = 1 << 1, 1 << 6

MAX_VECTORS = 1024
"""Vectors taken from one fd_read or fd_write; the call is short after that, as the specification allows."""
MAX_RANDOM = 64 << 10
"""Bytes that random_get fills at once."""
MAX_U32 = 0xFFFFFFFF

WORD = struct.Struct("<I")
LONG = struct.Struct("<Q")
VECTOR_SIZE = 8
BYTE = struct.Struct("<B")
HALF = struct.Struct("<H")
RIGHTS = struct.Struct("<QQ")
FEW_VECTORS = tuple(struct.Struct(f"<{2 * count}I") for count in range(9))

LAST_SIGNAL = 30

Words = Sequence[int]


class Fault(Exception):
    """A pointer is outside of memory or misaligned: the guest traps."""

    def __init__(self, text: str = "pointer outside of memory or misaligned") -> None:
        super().__init__(text)


class OutputPassed(Exception):
    """The guest wrote more to stdout than it may."""


class Strings:
    """NUL-terminated strings, one after another, as args_get and environ_get hand them out."""

    def __init__(self, strings: Sequence[str]) -> None:
        self.strings = [encoded(string) + b"\0" for string in strings]
        self.count = len(self.strings)
        self.size = sum(map(len, self.strings))


class Guest(Protocol):
    """What these functions see of a guest."""

    stdin: bytes
    stdin_left: int
    stdio: tuple[int, int, int]

    @property
    def args(self) -> Strings: ...
    @property
    def env(self) -> Strings: ...
    def memory_in_use(self) -> int:
        """Bytes of guest memory."""

    def reach(self, end: int) -> None:
        """Raises Fault unless guest memory reaches to the address `end`."""

    def peek(self, layout: struct.Struct, at: int) -> tuple[int, ...]:
        """Numbers in guest memory. Raises Fault."""

    def poke(self, layout: struct.Struct, at: int, *values: int) -> None:
        """Writes numbers to guest memory. Raises Fault."""

    def copy_out(self, at: int, size: int) -> bytes:
        """Bytes of guest memory. Raises Fault."""

    def copy_in(self, at: int, data: bytes) -> None:
        """Writes bytes to guest memory. Raises Fault."""

    def write_output(self, data: bytes) -> None:
        """Takes what the guest wrote to stdout. Raises OutputPassed."""

    def write_log(self, level: int, data: bytes) -> None:
        """Takes what the guest wrote to stderr."""


def descriptor(guest: Guest, fd: int) -> int:
    return guest.stdio[fd] if fd < 3 else CLOSED


def aligned(at: int, alignment: int) -> int:
    if at % alignment:
        raise Fault
    return at


def args_get(guest: Guest, args: Words) -> int:
    return write_strings(guest, guest.args, args[0], args[4])


def args_sizes_get(guest: Guest, args: Words) -> int:
    return write_sizes(guest, guest.args, args[0], args[4])


def environ_get(guest: Guest, args: Words) -> int:
    return write_strings(guest, guest.env, args[0], args[4])


def environ_sizes_get(guest: Guest, args: Words) -> int:
    return write_sizes(guest, guest.env, args[0], args[4])


def write_strings(guest: Guest, strings: Strings, pointers: int, at: int) -> int:
    for string in strings.strings:
        guest.poke(WORD, aligned(pointers, 4), at)
        guest.copy_in(at, string)
        pointers += WORD.size
        at += len(string)
    return SUCCESS


def write_sizes(guest: Guest, strings: Strings, count: int, size: int) -> int:
    guest.poke(WORD, aligned(size, 4), strings.size)
    guest.poke(WORD, aligned(count, 4), strings.count)
    return SUCCESS


def clock_errno(clock: int) -> int:
    """Clocks are 0, real time, and 1, monotonic; a guest has no CPU time of its own (2, 3)."""
    return SUCCESS if clock <= 1 else BADF if clock <= 3 else INVAL


def clock_res_get(guest: Guest, args: Words) -> int:
    error = clock_errno(args[0])
    if not error:
        guest.poke(LONG, aligned(args[4], 8), 1)
    return error


def clock_time_get(guest: Guest, args: Words) -> int:
    error = clock_errno(args[0])
    if not error:
        guest.poke(LONG, aligned(args[8], 8), time.time_ns() if args[0] == 0 else time.monotonic_ns())
    return error


def read_vectors(guest: Guest, at: int, count: int) -> tuple[int, ...]:
    """Addresses and sizes, in turn, of at most MAX_VECTORS; fewer where memory ends behind the first."""
    if count == 0:
        return ()
    if at % 4:
        raise Fault
    if count < len(FEW_VECTORS):
        with suppress(Fault):
            return guest.peek(FEW_VECTORS[count], at)
    guest.reach(at + VECTOR_SIZE)
    fitting = (guest.memory_in_use() - at) // VECTOR_SIZE
    return guest.peek(struct.Struct(f"<{2 * min(count, MAX_VECTORS, fitting)}I"), at)


# These two are most of what a short function calls: their checks are written out.


def fd_read(guest: Guest, args: Words) -> int:
    fd, total_at = args[0], args[12]
    vectors = read_vectors(guest, args[4], args[8])
    if fd > 2 or guest.stdio[fd] != STDIN:
        return BADF
    if total_at % 4:
        raise Fault
    guest.reach(total_at + 4)
    at = before = len(guest.stdin) - guest.stdin_left
    for i in range(0, len(vectors), 2):
        if at == len(guest.stdin):
            break
        piece = guest.stdin[at : at + vectors[i + 1]]
        guest.copy_in(vectors[i], piece)
        at += len(piece)
    guest.poke(WORD, total_at, at - before)
    guest.stdin_left -= at - before
    return SUCCESS


def fd_write(guest: Guest, args: Words) -> int:
    fd, total_at = args[0], args[12]
    vectors = read_vectors(guest, args[4], args[8])
    kind = guest.stdio[fd] if fd < 3 else CLOSED
    if kind != STDOUT and kind != STDERR:
        return BADF
    if total_at % 4:
        raise Fault
    guest.reach(total_at + 4)
    total = 0
    for i in range(0, len(vectors), 2):
        size = vectors[i + 1]
        if total + size > MAX_U32:
            break
        if kind == STDOUT:
            guest.write_output(guest.copy_out(vectors[i], size))
        else:
            guest.write_log(STDERR_LEVEL, guest.copy_out(vectors[i], size))
        total += size
    guest.poke(WORD, total_at, total)
    return SUCCESS


def fd_pread(guest: Guest, args: Words) -> int:
    read_vectors(guest, args[4], args[8])
    return SPIPE if descriptor(guest, args[0]) == STDIN else BADF


def fd_pwrite(guest: Guest, args: Words) -> int:
    read_vectors(guest, args[4], args[8])
    return SPIPE if descriptor(guest, args[0]) in (STDOUT, STDERR) else BADF


def fd_seek(guest: Guest, args: Words) -> int:
    return INVAL if args[8] > 2 else fd_tell(guest, args)


def fd_tell(guest: Guest, args: Words) -> int:
    return BADF if descriptor(guest, args[0]) == CLOSED else SPIPE


def fd_close(guest: Guest, args: Words) -> int:
    if descriptor(guest, args[0]) == CLOSED:
        return BADF
    set_descriptor(guest, args[0], CLOSED)
    return SUCCESS


def fd_renumber(guest: Guest, args: Words) -> int:
    source, target = args[0], args[4]
    if descriptor(guest, source) == CLOSED or descriptor(guest, target) == CLOSED:
        return BADF
    if source != target:
        set_descriptor(guest, target, guest.stdio[source])
        set_descriptor(guest, source, CLOSED)
    return SUCCESS


def set_descriptor(guest: Guest, fd: int, kind: int) -> None:
    stdio = list(guest.stdio)
    stdio[fd] = kind
    guest.stdio = (stdio[0], stdio[1], stdio[2])


def fd_fdstat_get(guest: Guest, args: Words) -> int:
    """File type (unknown, so that libc does not take it for a terminal), flags, two sets of rights."""
    kind = descriptor(guest, args[0])
    if kind == CLOSED:
        return BADF
    rights = RIGHT_READ if kind == STDIN else RIGHT_WRITE
    at = aligned(args[4], 8)
    guest.poke(BYTE, at, 0)
    guest.poke(HALF, at + 2, 0)
    guest.poke(RIGHTS, at + 8, rights, rights)
    return SUCCESS


def fd_filestat_get(guest: Guest, args: Words) -> int:
    if descriptor(guest, args[0]) == CLOSED:
        return BADF
    at = aligned(args[4], 8)
    guest.copy_in(at, bytes(17))  # device, inode, type
    guest.copy_in(at + 24, bytes(40))  # links, size, three times
    return SUCCESS


def fd_prestat_dir_name(guest: Guest, args: Words) -> int:
    return BADF if descriptor(guest, args[0]) == CLOSED else NOTDIR


def no_file(guest: Guest, args: Words) -> int:
    """What only files and directories can do. BADF also ends libc's search for preopened directories."""
    return BADF


def set_no_times(flags: int) -> int:
    """Times of no file: wrong flags (set a time, and set it to now) are seen first."""
    return INVAL if flags > 15 or flags & 3 == 3 or flags & 12 == 12 else BADF


def fd_filestat_set_times(guest: Guest, args: Words) -> int:
    return set_no_times(args[12])


def path_filestat_set_times(guest: Guest, args: Words) -> int:
    return set_no_times(args[24])


def socket_call(guest: Guest, args: Words) -> int:
    return BADF if descriptor(guest, args[0]) == CLOSED else NOTSOCK


def proc_raise(guest: Guest, args: Words) -> int:
    return INVAL if args[0] > LAST_SIGNAL else NOTSUP


def sched_yield(guest: Guest, args: Words) -> int:
    return SUCCESS


def random_piece(guest: Guest, at: int, left: int) -> int:
    """Fills the beginning of a range with random bytes and returns how many."""
    size = min(left, MAX_RANDOM)
    guest.copy_in(at, os.urandom(size))
    return size


FUNCTIONS: dict[str, Callable[[Guest, Words], int]] = {
    "args_get": args_get,
    "args_sizes_get": args_sizes_get,
    "clock_res_get": clock_res_get,
    "clock_time_get": clock_time_get,
    "environ_get": environ_get,
    "environ_sizes_get": environ_sizes_get,
    "fd_close": fd_close,
    "fd_fdstat_get": fd_fdstat_get,
    "fd_filestat_get": fd_filestat_get,
    "fd_filestat_set_times": fd_filestat_set_times,
    "fd_pread": fd_pread,
    "fd_prestat_dir_name": fd_prestat_dir_name,
    "fd_pwrite": fd_pwrite,
    "fd_read": fd_read,
    "fd_renumber": fd_renumber,
    "fd_seek": fd_seek,
    "fd_tell": fd_tell,
    "fd_write": fd_write,
    "path_filestat_set_times": path_filestat_set_times,
    "proc_raise": proc_raise,
    "sched_yield": sched_yield,
    "sock_accept": socket_call,
    "sock_recv": socket_call,
    "sock_send": socket_call,
    "sock_shutdown": socket_call,
}
"""By name; every other function of preview 1 but proc_exit, random_get and poll_oneoff is `no_file`."""
