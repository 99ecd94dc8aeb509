"""Which folders can be mounted, and which of them an invocation sees. What guests do in them is `wasi_fs`'s
for modules and `components.files`'s for components.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from gojinn.engine.limits import Mount
from gojinn.engine.pipes import entries
from gojinn.errors import ConfigError, Unavailable

LOOKED_AT = 10_000
"""Entries of a folder that are looked at for pipes and devices (about 10 ms)."""
SHARED_MEMORY = Path("/dev/shm")
KERNEL_FOLDERS = tuple(Path(folder) for folder in ("/proc", "/sys", "/dev"))


def check_mounts(mounts: Sequence[Mount]) -> None:
    """Raises ConfigError for the first mount that cannot be served."""
    seen: set[str] = set()
    for mount in mounts:
        if not usable(mount.guest) or "\0" in mount.host:
            raise ConfigError(f"mount of '{mount.host}' has no usable name in the guest")
        if mount.guest in seen:
            raise ConfigError(f"mount '{mount.guest}' is given twice")
        seen.add(mount.guest)
        check_folder(mount)


def usable(name: str) -> bool:
    """Whether a folder can be called that: by a text that C can express."""
    try:
        return bool(name) and b"\0" not in name.encode()
    except UnicodeEncodeError:
        return False


def folder_of(mount: Mount, context: Any) -> str:
    """The folder of a mount for an invocation. Raises Unavailable when a tenant's cannot be made."""
    if not mount.name:
        return mount.host
    folder = os.path.join(mount.host, context.tenant, mount.name)
    try:
        make_folders(folder)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Unavailable(f"the folder of mount '{mount.guest}' cannot be made: {why}") from error
    return folder


def make_folders(path: str) -> None:
    """Makes a folder and those around it, durably, for this user only."""
    if os.path.isdir(path):
        return
    outer = os.path.dirname(path)
    make_folders(outer)
    with suppress(FileExistsError):
        os.mkdir(path, 0o700)
    fd = os.open(outer, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def check_folder(mount: Mount) -> None:
    if mount.name:
        return  # made when it is first used; nobody but guests puts anything there
    try:
        folder = Path(mount.host).resolve(strict=True)
        is_folder = folder.is_dir()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ConfigError(f"mounted folder '{mount.host}' cannot be opened: {reason}") from error
    if not is_folder:
        raise ConfigError(f"mounted '{mount.host}' is no folder")
    if of_the_kernel(folder):
        raise ConfigError(
            f"mounted folder '{mount.host}' is or holds one of the kernel's, expected plain files"
        )
    access = os.R_OK | os.X_OK | (0 if mount.read_only else os.W_OK)
    if not os.access(folder, access):
        wanted = "read" if mount.read_only else "written"
        raise ConfigError(
            f"mounted folder '{mount.host}' cannot be {wanted} by this user",
            hint="change its mode" if mount.read_only else "change its mode or mount it with 'ro'",
        )
    for path in islice(entries(str(folder)), LOOKED_AT):
        raise_for_waiting(path)


def of_the_kernel(folder: Path) -> bool:
    """Whether reading what is below may wait for ever though it looks like a file."""
    if folder == SHARED_MEMORY or SHARED_MEMORY in folder.parents:
        return False
    return any(folder in (kernel, *kernel.parents) or kernel in folder.parents for kernel in KERNEL_FOLDERS)


def raise_for_waiting(entry: os.DirEntry[str]) -> None:
    """Raises ConfigError for what may wait for ever when it is opened or read."""
    if entry.is_symlink() or entry.is_file(follow_symlinks=False) or entry.is_dir(follow_symlinks=False):
        return
    mode = entry.stat(follow_symlinks=False).st_mode
    kind = "pipe" if stat.S_ISFIFO(mode) else "device" if not stat.S_ISSOCK(mode) else ""
    if kind:
        raise ConfigError(
            f"mounted folder holds the {kind} '{entry.path}', which could stop the server",
            hint="remove it or mount another folder",
        )
