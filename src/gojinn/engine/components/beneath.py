"""Opens paths below a folder so that none leads out of it: the kernel resolves them (`openat2`, Linux 5.8).

With `RESOLVE_BENEATH` no `..`, absolute path or link leaves the folder, whatever somebody does to it
meanwhile. A path is resolved once, to a descriptor; what is then done is done to that, or to a name in it
that is not followed.
"""

from __future__ import annotations

import ctypes
import errno
import os
from functools import cache
from typing import Final

LIBC: Final = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.argtypes = (ctypes.c_long, ctypes.c_long, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_size_t)
LIBC.syscall.restype = ctypes.c_long
LIBC.fstatfs.argtypes = (ctypes.c_int, ctypes.c_void_p)
LIBC.utimensat.argtypes = (ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int)
OPENAT2: Final = 437
"""The number of the system call, the same on all machines."""
NO_XDEV, NO_MAGICLINKS, BENEATH, CACHED = 0x01, 0x02, 0x08, 0x20
TRIES: Final = 1000
"""With `..` in a path, the kernel asks to be asked again where something was renamed meanwhile."""
LOCAL: Final = (0xEF53, 0x58465342, 0x9123683E, 0x01021994, 0x794C7630, 0x2FC12FC1, 0xF2F52010)
"""Types of file systems: ext4, xfs, btrfs, tmpfs, overlay, ZFS, F2FS."""
PATH: Final = os.O_PATH | os.O_CLOEXEC
EMPTY_PATH: Final = 0x1000

NOW, OMIT = (1 << 30) - 1, (1 << 30) - 2
"""In the place of a time's nanoseconds."""


class How(ctypes.Structure):
    """`struct open_how`"""

    _fields_ = [("flags", ctypes.c_uint64), ("mode", ctypes.c_uint64), ("resolve", ctypes.c_uint64)]


class Timespec(ctypes.Structure):
    """`struct timespec`"""

    _fields_ = [("seconds", ctypes.c_long), ("nanoseconds", ctypes.c_long)]


class Denied(OSError):
    """What the mounts do not allow; how a guest is told is its errno's."""


def outside() -> Denied:
    """A path that leads out of its folder."""
    return Denied(errno.EPERM, "leads out of the mount")


def failed(number: int) -> OSError:
    """The error of that number."""
    return OSError(number, os.strerror(number))


def opened(folder: int, path: str, flags: int, mode: int = 0) -> int:
    """Opens what a path leads to. Raises OSError; `Denied` where it leads out."""
    if "\0" in path:
        raise failed(errno.EINVAL)
    how = How(flags | os.O_CLOEXEC, mode, BENEATH | NO_MAGICLINKS)
    raw = path.encode()
    for _ in range(TRIES):
        fd: int = LIBC.syscall(OPENAT2, folder, raw, ctypes.byref(how), ctypes.sizeof(how))
        if fd >= 0:
            return fd
        number = ctypes.get_errno()
        if number == errno.EXDEV:
            raise outside()
        if number not in (errno.EAGAIN, errno.EINTR):
            break
    raise failed(number)


def split(path: str) -> tuple[str, str]:
    """A path to the folder that a path's last name is in, and that name; slashes at its end stay."""
    stripped = path.rstrip("/")
    if path.startswith("/"):
        raise outside()
    head, _, name = stripped.rpartition("/")
    if name in (".", ".."):
        return stripped, "."
    return head or ".", name + path[len(stripped) :]


def opened_at_once(folder: int, path: str, flags: int) -> int:
    """The same without waiting. Raises BlockingIOError where that cannot be told from what the system has in
    memory (Linux 5.12), or leads to another file system."""
    if "\0" in path:
        raise failed(errno.EINVAL)
    how = How(flags | os.O_CLOEXEC, 0, BENEATH | NO_MAGICLINKS | NO_XDEV | CACHED)
    fd: int = LIBC.syscall(OPENAT2, folder, path.encode(), ctypes.byref(how), ctypes.sizeof(how))
    if fd >= 0:
        return fd
    number = ctypes.get_errno()
    raise failed(errno.EAGAIN if number in (errno.EXDEV, errno.EINVAL, errno.EINTR) else number)


def local(fd: int) -> bool:
    """Whether a folder's file system is one that never waits for anything but a disk of this machine."""
    status = (ctypes.c_long * 32)()
    return LIBC.fstatfs(fd, ctypes.byref(status)) == 0 and status[0] in LOCAL


@cache
def confined() -> bool:
    """Whether this kernel confines paths, and lets us ask it to."""
    try:
        os.close(opened(folder := os.open("/", PATH), ".", PATH))
    except OSError:
        return False
    finally:
        os.close(folder)
    return True


def set_times(fd: int, *times: tuple[int, int]) -> None:
    """Sets when a file was last read and changed: seconds, and nanoseconds or NOW or OMIT. Raises OSError."""
    given = (Timespec * 2)(*(Timespec(*each) for each in times))
    if LIBC.utimensat(fd, b"", ctypes.byref(given), EMPTY_PATH) < 0:
        raise failed(ctypes.get_errno())
