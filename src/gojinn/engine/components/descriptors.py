"""Files and folders that a guest has open, and what can be done to them. All of this may block: it is called
in threads (`files`). How a guest asks for it is `filesystem`'s.

Everything raises OSError; what the mounts do not allow is a `beneath.Denied`.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import Final

from gojinn.engine.components.beneath import (
    PATH,
    Denied,
    failed,
    opened,
    opened_at_once,
    outside,
    set_times,
    split,
)
from gojinn.engine.components.held import Held
from gojinn.engine.components.listing import Entries
from gojinn.engine.components.resources import Opened

PIECE: Final = 64 << 10
"""Bytes that one call moves."""
LARGEST: Final = (1 << 63) - 1
"""Of offsets."""

SYNCS: Final = {
    "file-integrity-sync": os.O_SYNC,
    "data-integrity-sync": os.O_DSYNC,
    "requested-write-sync": os.O_RSYNC,
}

Times = tuple[tuple[int, int], tuple[int, int]]
"""When something was last read and changed, as `beneath.set_times` takes it."""


class Descriptor(Opened):
    """A file or folder that a guest has a handle to."""

    __slots__ = ("flags", "folder", "held", "local", "read_only")

    def __init__(
        self, held: Held, flags: frozenset[str], *, folder: bool, read_only: bool, local: bool
    ) -> None:
        self.held = held
        self.flags = flags
        """What it was opened for, in the words of `descriptor-flags`."""
        self.folder = folder
        self.read_only = read_only
        """Whether its mount is."""
        self.local = local
        """Whether its mount's file system is. What is in memory is then found without a thread: `at_once` in
        its methods has them raise BlockingIOError where something would have to be waited for."""

    def dropped(self) -> None:
        self.held.dropped()

    def kind(self) -> str:
        """Its `descriptor-type`."""
        return "directory" if self.folder else "regular-file"

    def as_folder(self) -> int:
        """The system's descriptor of a folder."""
        if not self.folder:
            raise failed(errno.ENOTDIR)
        return self.held.fd

    def as_file(self) -> int:
        """The system's descriptor of a file."""
        if self.folder:
            raise failed(errno.EBADF)
        return self.held.fd

    def changing(self) -> None:
        """Something is going to be changed. Raises Denied in a mount that is read only."""
        if self.read_only:
            raise Denied(errno.EROFS, os.strerror(errno.EROFS))
        self.held.books.changed = True

    # Files

    def read(self, length: int, offset: int) -> bytes:
        """What stands at an offset, in one piece at most."""
        return os.pread(self.as_file(), min(length, PIECE), checked(offset))

    def read_at_once(self, length: int, offset: int) -> bytes | None:
        """The same of what is in memory, None where the disk would have to be waited for."""
        piece = bytearray(min(length, PIECE))
        try:
            size = os.preadv(self.as_file(), [piece], checked(offset), os.RWF_NOWAIT)
        except OSError as error:
            if error.errno in (errno.EAGAIN, errno.EOPNOTSUPP):
                return None
            raise
        return bytes(memoryview(piece)[:size])

    def write(self, data: bytes, offset: int) -> int:
        """Writes all of it at an offset; returns how many bytes those were."""
        self.changing()
        fd, at = self.as_file(), 0
        while at < len(data):
            at += os.pwrite(fd, memoryview(data)[at:], checked(offset + at))
        return at

    def append(self, data: bytes) -> int:
        """Writes all of it at the end."""
        self.changing()
        fd, at = self.as_file(), 0
        while at < len(data):
            at += os.pwritev(fd, [memoryview(data)[at:]], 0, os.RWF_APPEND)
        return at

    def set_size(self, size: int) -> None:
        """Cuts a file, or makes it longer."""
        self.changing()
        os.ftruncate(self.as_file(), checked(size))

    def sync(self) -> None:
        """Waits until it is on the disk."""
        os.fsync(self.held.fd)

    def sync_data(self) -> None:
        """The same without its times."""
        os.fdatasync(self.held.fd)

    def stat(self, *, at_once: bool = False) -> os.stat_result:
        """Looks at itself."""
        return os.fstat(self.held.fd)

    def set_times(self, times: Times) -> None:
        """Sets its times."""
        self.changing()
        set_times(self.held.fd, *times)

    # Folders

    def entries(self) -> Entries:
        """What is in the folder, to be read bit by bit."""
        self.held.books.check()
        fd = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=self.as_folder())
        return Entries(Held(fd, self.held.books))

    def stat_at(self, path: str, follow: bool, *, at_once: bool = False) -> os.stat_result:
        """Looks at what a path leads to."""
        fd = self.path(path, follow=follow, at_once=at_once)
        try:
            return os.fstat(fd)
        finally:
            os.close(fd)

    def set_times_at(self, path: str, follow: bool, times: Times) -> None:
        """Sets the times of what a path leads to."""
        self.changing()
        fd = self.path(path, follow=follow)
        try:
            set_times(fd, *times)
        finally:
            os.close(fd)

    def path(self, path: str, *, follow: bool, at_once: bool = False) -> int:
        """A descriptor of what a path leads to, that nothing can be read from."""
        how = opened_at_once if at_once else opened
        return how(self.as_folder(), path, PATH | (0 if follow else os.O_NOFOLLOW))

    def make_folder_at(self, path: str) -> None:
        """Makes a folder."""
        self.changing()
        with Parent(self, path) as parent:
            os.mkdir(parent.name, dir_fd=parent.fd)

    def remove_folder_at(self, path: str) -> None:
        """Removes an empty folder."""
        self.changing()
        with Parent(self, path) as parent:
            os.rmdir(parent.name.rstrip("/"), dir_fd=parent.fd)

    def unlink_at(self, path: str) -> None:
        """Removes what is no folder."""
        self.changing()
        with Parent(self, path) as parent:
            os.unlink(parent.name, dir_fd=parent.fd)

    def rename_at(self, path: str, folder: Descriptor, new: str) -> None:
        """Moves something, in place of what is there."""
        self.changing()
        folder.changing()
        with Parent(self, path) as source, Parent(folder, new) as target:
            os.rename(source.name, target.name, src_dir_fd=source.fd, dst_dir_fd=target.fd)

    def link_at(self, follow: bool, path: str, folder: Descriptor, new: str) -> None:
        """Gives something another name, be it a link."""
        self.changing()
        folder.changing()
        if follow:
            raise failed(errno.EINVAL)
        with Parent(self, path, kept=False) as source, Parent(folder, new) as target:
            os.link(
                *(source.name, target.name),
                src_dir_fd=source.fd,
                dst_dir_fd=target.fd,
                follow_symlinks=False,
            )

    def symlink_at(self, leads_to: str, path: str) -> None:
        """Makes a link; whether it leads anywhere shows when it is followed."""
        self.changing()
        if leads_to.startswith("/"):
            raise outside()
        if "\0" in leads_to:
            raise failed(errno.EINVAL)
        with Parent(self, path) as parent:
            os.symlink(leads_to, parent.name, dir_fd=parent.fd)

    def readlink_at(self, path: str) -> str:
        """Where a link leads. What stands outside stays unknown."""
        fd = self.path(path, follow=False)
        try:
            if not stat.S_ISLNK(os.fstat(fd).st_mode):
                raise failed(errno.EINVAL)
            return readable(os.readlink("", dir_fd=fd))
        finally:
            os.close(fd)

    def open_at(
        self,
        path: str,
        follow: bool,
        how: frozenset[str],
        flags: frozenset[str],
        *,
        at_once: bool = False,
    ) -> Descriptor:
        """Opens a file or folder. `how` is `open-flags`, `flags` are `descriptor-flags`."""
        makes = {"create", "truncate"} & how
        if makes or {"write", "mutate-directory"} & flags:
            if at_once:
                raise failed(errno.EAGAIN)
            self.changing()
        if "directory" in how and {"create", "exclusive", "truncate"} & how:
            raise failed(errno.EINVAL)
        self.held.books.check()
        writes = bool(makes) or "write" in flags
        only = "write" in flags and "read" not in flags
        access = os.O_RDONLY if not writes else os.O_WRONLY if only else os.O_RDWR
        for word in flags & SYNCS.keys():
            access |= SYNCS[word]
        if {"create", "exclusive"} <= how:
            return self.made(opened(self.as_folder(), path, access | os.O_CREAT | os.O_EXCL, 0o666), flags)
        try:
            fd = self.path(path, follow=follow, at_once=at_once)
        except FileNotFoundError:
            if "create" not in how:
                raise
            access |= os.O_CREAT | os.O_NONBLOCK | os.O_NOCTTY | (0 if follow else os.O_NOFOLLOW)
            return self.made(opened(self.as_folder(), path, access, 0o666), flags)
        try:
            return self.reopened(fd, how, flags, access | (os.O_NONBLOCK if at_once else 0))
        finally:
            os.close(fd)

    def reopened(self, fd: int, how: frozenset[str], flags: frozenset[str], access: int) -> Descriptor:
        """Opens what was found, now that it is known what it is: opening a pipe would wait, and a device do
        who knows what."""
        mode = os.fstat(fd).st_mode
        if stat.S_ISDIR(mode):
            if access & os.O_ACCMODE:
                raise failed(errno.EISDIR)
            inner = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=fd)
            return folder(Held(inner, self.held.books), read_only=self.read_only, local=self.local)
        if "directory" in how:
            raise failed(errno.ENOTDIR)
        if stat.S_ISLNK(mode):
            raise failed(errno.ELOOP)
        refuse_odd(mode)
        access |= os.O_CLOEXEC | (os.O_TRUNC if "truncate" in how else 0)
        return self.made(os.open(f"/proc/self/fd/{fd}", access), flags)

    def made(self, fd: int, flags: frozenset[str]) -> Descriptor:
        """The descriptor of a file that was opened."""
        held = Held(fd, self.held.books)
        try:
            refuse_odd(os.fstat(fd).st_mode)
        except OSError:
            held.dropped()
            raise
        kept = flags - {"mutate-directory"} | ({"read"} if "write" not in flags else set())
        return Descriptor(held, kept, folder=False, read_only=self.read_only, local=self.local)


def folder(held: Held, *, read_only: bool, local: bool) -> Descriptor:
    """The descriptor of a folder that was opened."""
    flags = {"read"} if read_only else {"read", "mutate-directory"}
    return Descriptor(held, frozenset(flags), folder=True, read_only=read_only, local=local)


class Parent:
    """The folder of a path's last name, open while it is needed, and that name."""

    def __init__(self, folder: Descriptor, path: str, *, kept: bool = True) -> None:
        inner = folder.as_folder()
        head, name = split(path)
        if not kept and name.endswith("/"):  # a link would be followed
            os.close(opened(inner, path, PATH | os.O_DIRECTORY))
            raise failed(errno.EPERM)
        if "\0" in path:
            raise failed(errno.EINVAL)
        self.name = name
        self.fd = opened(inner, head, PATH | os.O_DIRECTORY)

    def __enter__(self) -> Parent:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self.fd)


def refuse_odd(mode: int) -> None:
    """Raises OSError for what may wait for ever: pipes, devices, sockets."""
    if not stat.S_ISREG(mode):
        raise failed(errno.EOPNOTSUPP)


def checked(offset: int) -> int:
    """Raises OSError for an offset or size that no file has."""
    if offset > LARGEST:
        raise failed(errno.EINVAL)
    return offset


def readable(name: str) -> str:
    """A name as guests get it. Raises OSError for one that is not UTF-8, or a link's that leads elsewhere."""
    try:
        name.encode()
    except UnicodeEncodeError as error:
        raise failed(errno.EILSEQ) from error
    if name.startswith("/"):
        raise outside()
    return name
