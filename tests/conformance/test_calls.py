"""Every function of preview 1 with stdio only: one call at a time, against wasmtime's own implementation."""

from collections.abc import Callable, Sequence
from itertools import product

import pytest

from gojinn.testing.preview1 import NAMES, SIZE, WINDOW, Result, Script, call

pytestmark = pytest.mark.slow

VECTOR, OTHER_VECTOR, TEXT, OUT = 0x40, 0x60, 0x100, 0x800
MEMORY = {
    VECTOR: (0x400).to_bytes(4, "little") + (5).to_bytes(4, "little"),
    OTHER_VECTOR: TEXT.to_bytes(4, "little") + (4).to_bytes(4, "little"),
    TEXT: b"path and more",
}

FDS = (0, 1, 2, 3, 7, 0xFFFFFFFF)
CLOCKS = (0, 1, 2, 3)
NUMBERS = (0, 1, 1 << 40)
PATH = ((TEXT, 4), (TEXT, 0))
LOOKUP = (0, 1)

DEFINED: dict[str, list[Sequence[int | tuple[int, ...]]]] = {
    # Values for each parameter; a tuple stands for several parameters that belong together.
    "args_get": [(OUT,), (0x900,)],
    "args_sizes_get": [(OUT,), (0x900,)],
    "clock_res_get": [CLOCKS, (OUT,)],
    "clock_time_get": [CLOCKS, NUMBERS, (OUT,)],
    "environ_get": [(OUT,), (0x900,)],
    "environ_sizes_get": [(OUT,), (0x900,)],
    "fd_advise": [FDS, NUMBERS, NUMBERS, range(6)],
    "fd_allocate": [FDS, NUMBERS, NUMBERS],
    "fd_close": [FDS],
    "fd_datasync": [FDS],
    "fd_fdstat_get": [FDS, (OUT,)],
    "fd_fdstat_set_flags": [FDS, (0, 1, 2, 4, 8, 16, 31)],
    "fd_fdstat_set_rights": [FDS, (0, 2, 64), (0, 2, 64)],
    "fd_filestat_get": [FDS, (OUT,)],
    "fd_filestat_set_size": [FDS, NUMBERS],
    "fd_filestat_set_times": [FDS, NUMBERS, NUMBERS, (0, 1, 2, 4, 8, 10)],
    "fd_pread": [FDS, (VECTOR,), (1,), NUMBERS, (OUT,)],
    "fd_prestat_dir_name": [FDS, (TEXT,), (0, 4)],
    "fd_prestat_get": [FDS, (OUT,)],
    "fd_pwrite": [FDS, (OTHER_VECTOR,), (1,), NUMBERS, (OUT,)],
    "fd_read": [FDS, (VECTOR,), (1,), (OUT,)],
    "fd_readdir": [FDS, (TEXT,), (0, 64), NUMBERS, (OUT,)],
    "fd_renumber": [FDS, FDS],
    "fd_seek": [FDS, NUMBERS, (0, 1, 2), (OUT,)],
    "fd_sync": [FDS],
    "fd_tell": [FDS, (OUT,)],
    "fd_write": [FDS, (OTHER_VECTOR,), (1,), (OUT,)],
    "path_create_directory": [FDS, PATH],
    "path_filestat_get": [FDS, LOOKUP, PATH, (OUT,)],
    "path_filestat_set_times": [FDS, LOOKUP, PATH, (0, 1), (0, 1), (0, 1, 4)],
    "path_link": [FDS, LOOKUP, PATH, FDS, PATH],
    "path_open": [FDS, LOOKUP, PATH, (0, 1, 2, 8), (0, 2), (0,), (0, 1), (OUT,)],
    "path_readlink": [FDS, PATH, (0x400,), (0, 16), (OUT,)],
    "path_remove_directory": [FDS, PATH],
    "path_rename": [FDS, PATH, FDS, PATH],
    "path_symlink": [PATH, FDS, PATH],
    "path_unlink_file": [FDS, PATH],
    "poll_oneoff": [(VECTOR,), (OUT,), (0,), (0x900,)],
    "proc_exit": [(0, 1, 3, 33, 125)],
    "proc_raise": [(0, 1, 6, 9, 30)],
    "random_get": [(OUT,), (0, 1, 4096)],
    "sched_yield": [],
    "sock_accept": [FDS, (0, 4), (OUT,)],
    "sock_recv": [FDS, (VECTOR,), (1,), (0, 1, 2), (OUT,), (0x900,)],
    "sock_send": [FDS, (OTHER_VECTOR,), (1,), (0,), (OUT,)],
    "sock_shutdown": [FDS, (1, 2, 3)],
}

VARYING = {"clock_time_get", "random_get"}
"""What these write is never the same."""


def combinations(name: str) -> list[tuple[int, ...]]:
    """All arguments to call a function with."""

    def flat(value: int | tuple[int, ...]) -> tuple[int, ...]:
        return value if isinstance(value, tuple) else (value,)

    return [sum(map(flat, chosen), ()) for chosen in product(*DEFINED[name])]


def without_window(result: Result) -> Result:
    return result._replace(window=b"")


def test_every_function_is_in_the_table():
    assert set(DEFINED) == set(NAMES)


@pytest.mark.parametrize("name", sorted(DEFINED))
async def test_defined_calls_answer_as_in_wasmtime(ours, theirs: Callable[[Script], Result], name: str):
    for args in combinations(name):
        script = Script(
            [call(name, *args)], MEMORY, b"hello world", ("guest", "", "ä"), {"A": "b", "EMPTY": ""}
        )
        mine, other = await ours(script), theirs(script)
        if name in VARYING:
            mine, other = without_window(mine), without_window(other)
        assert mine == other, (name, args)


POINTERS: dict[str, tuple[tuple[int, ...], dict[int, int]]] = {
    # Arguments that work, and which of them are pointers with which alignment.
    "args_get": ((OUT, 0x900), {0: 4, 1: 1}),
    "args_sizes_get": ((OUT, 0x900), {0: 4, 1: 4}),
    "clock_res_get": ((1, OUT), {1: 8}),
    "clock_time_get": ((1, 0, OUT), {2: 8}),
    "environ_get": ((OUT, 0x900), {0: 4, 1: 1}),
    "environ_sizes_get": ((OUT, 0x900), {0: 4, 1: 4}),
    "fd_fdstat_get": ((1, OUT), {1: 8}),
    "fd_filestat_get": ((1, OUT), {1: 8}),
    "fd_read": ((0, VECTOR, 1, OUT), {1: 4, 3: 4}),
    "fd_write": ((2, OTHER_VECTOR, 1, OUT), {1: 4, 3: 4}),
    "poll_oneoff": ((0x400, OUT, 1, 0x900), {0: 8, 1: 8, 3: 4}),
    "random_get": ((OUT, 16), {0: 1}),
}


@pytest.mark.parametrize("name", sorted(POINTERS))
async def test_bad_pointers_trap_as_in_wasmtime(ours, theirs: Callable[[Script], Result], name: str):
    working, pointers = POINTERS[name]
    for position, alignment in pointers.items():
        bad = [SIZE, SIZE - 1 if alignment > 1 else SIZE - 2, 0xFFFFFFF8, 0xFFFFFFFF, 0x80000000]
        bad += [WINDOW + offset for offset in range(1, alignment)]
        for pointer in bad:
            args = (*working[:position], pointer, *working[position + 1 :])
            script = Script([call(name, *args)], MEMORY, b"hello", ("guest", "arg"), {"A": "b"})
            assert (await ours(script)).end == theirs(script).end == "trapped", (name, args)


async def test_exit_codes_that_wasmtime_refuses_are_kept(ours):
    assert (await ours(Script([call("proc_exit", 255)]))).end == "exit 255"
    assert (await ours(Script([call("proc_exit", 0xFFFFFFFF)]))).end == "exit 4294967295"
