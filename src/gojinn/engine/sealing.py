"""Files that only this cache can have written: a keyed hash in each, checked on the open file. What they
hold is the business of `entries` and `index`.

A sealed file is its content followed by HMAC-SHA256(key, label, content). The label says what the content
is, so that one sealed file cannot stand in for another. The key lies beside the files, readable by their
owner alone: the seal finds damage, files copied in from elsewhere and what other users put there, not an
attacker with the owner's rights, who needs no cache to run code.
"""

from __future__ import annotations

import hmac
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from mmap import ACCESS_READ, mmap
from pathlib import Path

from gojinn.errors import StartError

KEY_BYTES = 32
SEAL_BYTES = 32
WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH


class BrokenSeal(Exception):
    """The file is missing, damaged, or not written by this cache. The text says which."""


class Seal:
    """Writes and opens sealed files."""

    def __init__(self, key: bytes) -> None:
        self.key = key

    def sign(self, label: str, content: bytes | memoryview) -> bytes:
        """The seal of `content` under `label`."""
        mac = hmac.new(self.key, digestmod="sha256")
        name = label.encode()
        mac.update(len(name).to_bytes(8, "little") + name)
        mac.update(content)
        return mac.digest()

    def write(self, path: Path, label: str, content: bytes) -> None:
        """Puts a whole sealed file at `path`, in one step for everybody who opens it."""
        scratch = path.with_name(f".{secrets.token_hex(8)}.tmp")
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        try:
            with open(os.open(scratch, flags, 0o400), "wb") as file:
                file.write(content)
                file.write(self.sign(label, content))
            scratch.rename(path)
        except BaseException:
            with suppress(OSError):
                scratch.unlink()
            raise

    @contextmanager
    def opened(self, path: Path, label: str) -> Iterator[int]:
        """A descriptor of a sealed file, which was checked through this descriptor. Raises BrokenSeal."""
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError as error:
            raise BrokenSeal(f"'{path}': {(error.strerror or str(error)).lower()}") from error
        try:
            self.check(fd, path, label)
            yield fd
        finally:
            os.close(fd)

    def read(self, path: Path, label: str) -> bytes:
        """The content of a sealed file. Raises BrokenSeal."""
        with self.opened(path, label) as fd, mmap(fd, 0, access=ACCESS_READ) as content:
            return content[:-SEAL_BYTES]

    def check(self, fd: int, path: Path, label: str) -> None:
        status = os.fstat(fd)
        if not stat.S_ISREG(status.st_mode) or is_shared(status):
            raise BrokenSeal(f"'{path}' belongs to another user or can be written by one")
        if status.st_size <= SEAL_BYTES:
            raise BrokenSeal(f"'{path}' is cut off after {status.st_size} bytes")
        with mmap(fd, 0, access=ACCESS_READ) as content:
            with memoryview(content) as view, view[:-SEAL_BYTES] as signed:
                expected = self.sign(label, signed)
            if not hmac.compare_digest(expected, content[-SEAL_BYTES:]):
                raise BrokenSeal(f"'{path}' is damaged or was not written by this cache")


def open_seal(root: Path) -> Seal:
    """The seal of the cache in `root`, whose directory and key are made when they are missing.

    Raises StartError when another user could write there.
    """
    private_directory(root)
    path = root / "key"
    with suppress(FileExistsError):
        create_key(path)
    key = read_key(path)
    if len(key) != KEY_BYTES:
        path.unlink(missing_ok=True)
        return open_seal(root)
    return Seal(key)


def private_directory(path: Path) -> None:
    """Makes the directory unless it is there. Raises StartError when it is not the current user's own."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.stat()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise StartError(
            f"the cache directory '{path}' cannot be made: {reason}",
            hint="name another with 'cache_dir' in the global option 'gojinn', or with XDG_CACHE_HOME",
        ) from error
    if status.st_uid != os.geteuid():
        raise StartError(
            f"the cache directory '{path}' belongs to user {status.st_uid}, expected {os.geteuid()}",
            hint="remove it or run as its owner",
        )
    if is_shared(status):
        raise StartError(
            f"the cache directory '{path}' can be written by other users", hint=f"run 'chmod go-w {path}'"
        )


def is_shared(status: os.stat_result) -> bool:
    return status.st_uid != os.geteuid() or bool(status.st_mode & WRITABLE_BY_OTHERS)


def create_key(path: Path) -> None:
    """Writes a new key whole, unless one is there: linking a name is atomic. Raises FileExistsError."""
    scratch = path.with_name(f".{secrets.token_hex(8)}.tmp")
    with open(os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(secrets.token_bytes(KEY_BYTES))
    try:
        os.link(scratch, path)
    finally:
        scratch.unlink()


def read_key(path: Path) -> bytes:
    with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb") as file:
        status = os.fstat(file.fileno())
        if status.st_uid != os.geteuid() or status.st_mode & 0o077:
            raise StartError(
                f"the cache's key '{path}' can be read by other users", hint="remove the cache directory"
            )
        return file.read(KEY_BYTES + 1)
