"""WASI preview 1 as its specification states it: names, signatures, numbers. Who serves it is in `native`,
`pure`."""

from __future__ import annotations

from typing import NamedTuple

MODULE = "wasi_snapshot_preview1"


class Signature(NamedTuple):
    """Of a function in WebAssembly: `i32`, `i64`, … each."""

    params: tuple[str, ...]
    results: tuple[str, ...]

    def __str__(self) -> str:
        return f"({', '.join(self.params)}) -> ({', '.join(self.results)})"


def signature(short: str) -> Signature:
    """From `i` for i32 and `I` for i64 each, results after a colon: `iI:i`."""
    params, _, results = short.partition(":")
    names = {"i": "i32", "I": "i64"}
    return Signature(tuple(names[c] for c in params), tuple(names[c] for c in results))


FUNCTIONS: dict[str, Signature] = {
    name: signature(short)
    for name, short in {
        "args_get": "ii:i",
        "args_sizes_get": "ii:i",
        "clock_res_get": "ii:i",
        "clock_time_get": "iIi:i",
        "environ_get": "ii:i",
        "environ_sizes_get": "ii:i",
        "fd_advise": "iIIi:i",
        "fd_allocate": "iII:i",
        "fd_close": "i:i",
        "fd_datasync": "i:i",
        "fd_fdstat_get": "ii:i",
        "fd_fdstat_set_flags": "ii:i",
        "fd_fdstat_set_rights": "iII:i",
        "fd_filestat_get": "ii:i",
        "fd_filestat_set_size": "iI:i",
        "fd_filestat_set_times": "iIIi:i",
        "fd_pread": "iiiIi:i",
        "fd_prestat_dir_name": "iii:i",
        "fd_prestat_get": "ii:i",
        "fd_pwrite": "iiiIi:i",
        "fd_read": "iiii:i",
        "fd_readdir": "iiiIi:i",
        "fd_renumber": "ii:i",
        "fd_seek": "iIii:i",
        "fd_sync": "i:i",
        "fd_tell": "ii:i",
        "fd_write": "iiii:i",
        "path_create_directory": "iii:i",
        "path_filestat_get": "iiiii:i",
        "path_filestat_set_times": "iiiiIIi:i",
        "path_link": "iiiiiii:i",
        "path_open": "iiiiiIIii:i",
        "path_readlink": "iiiiii:i",
        "path_remove_directory": "iii:i",
        "path_rename": "iiiiii:i",
        "path_symlink": "iiiii:i",
        "path_unlink_file": "iii:i",
        "poll_oneoff": "iiii:i",
        "proc_exit": "i:",
        "proc_raise": "i:i",
        "random_get": "ii:i",
        "sched_yield": ":i",
        "sock_accept": "iii:i",
        "sock_recv": "iiiiii:i",
        "sock_send": "iiiii:i",
        "sock_shutdown": "ii:i",
    }.items()
}
"""Every function of preview 1."""
