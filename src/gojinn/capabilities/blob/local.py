"""The store that needs no service: a folder of files, durable and shared by all workers of a node."""

from __future__ import annotations

import asyncio
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

from gojinn.capabilities.blob import content
from gojinn.capabilities.blob.paths import keys, path_of
from gojinn.capabilities.blob.store import (
    ALWAYS,
    BlobError,
    Condition,
    Facts,
    Info,
    Page,
    Piece,
    Stored,
)

T = TypeVar("T")

STALE = 3600.0
"""Seconds after which a file that nobody has written to belongs to a worker that has died."""
ATTEMPTS = 100
"""How often a folder is made again that somebody removes, being empty, before the file is in it."""


class LocalStore:
    """The objects of one tenant, below `<folder>/objects`. File operations run in the given threads."""

    def __init__(self, folder: Path, threads: ThreadPoolExecutor) -> None:
        self.objects = str(folder / "objects")
        self.unfinished = str(folder / "unfinished")
        self.lock = str(folder / "lock")
        self.threads = threads
        self.prepared = False

    def prepare(self) -> None:
        """Makes the folders, the first time."""
        for each in (self.objects, self.unfinished):
            make_folders(each)
        os.close(os.open(self.lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        clear(self.unfinished)
        self.prepared = True

    async def run(self, action: Callable[[], T]) -> T:
        """Does something with files. What the system refuses becomes a BlobError."""

        def act() -> T:
            if not self.prepared:
                self.prepare()
            return action()

        try:
            return await asyncio.get_running_loop().run_in_executor(self.threads, act)
        except FileNotFoundError as error:
            raise BlobError("not-found", "there is no such object") from error
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            raise BlobError("unavailable", f"the object store cannot do this: {why}", str(error)) from error

    async def put(self, key: str, body: bytes, facts: Facts, condition: Condition = ALWAYS) -> Stored:
        """Writes an object whole."""

        def write() -> Stored:
            writing = Writing(self, key, facts, condition)
            try:
                writing.write(body)
                return writing.finish()
            finally:
                writing.abort()

        return await self.run(write)

    async def get(self, key: str, offset: int, length: int, version: str = "") -> Piece:
        """Reads a piece of an object."""
        refuse_version(version)

        def read() -> Piece:
            with opened(path_of(self.objects, key)) as fd:
                info = content.info(fd, key)
                if offset > info.size:
                    raise BlobError("bad-range", f"the object has {info.size} bytes, given offset {offset}")
                return Piece(info, offset, os.pread(fd, min(length, info.size - offset), offset))

        return await self.run(read)

    async def head(self, key: str, version: str = "") -> Info:
        """Tells what is known of an object."""
        refuse_version(version)
        return await self.run(lambda: look(path_of(self.objects, key), key))

    async def list(self, prefix: str, after: str, limit: int) -> Page:
        """Lists objects in order."""

        def gather() -> Page:
            found = list(islice(keys(self.objects, prefix, after), limit + 1))
            infos = []
            for key, path in found[:limit]:
                with suppress(FileNotFoundError):
                    infos.append(look(path, key))
            return Page(infos, found[limit - 1][0] if len(found) > limit else "")

        return await self.run(gather)

    async def delete(self, key: str) -> None:
        """Removes an object, and the folders that are empty then."""

        def remove() -> None:
            path = path_of(self.objects, key)
            with suppress(FileNotFoundError), self.locked(fcntl.LOCK_SH):
                os.unlink(path)
                sync_folder(os.path.dirname(path))
            with suppress(OSError):
                while (path := os.path.dirname(path)) != self.objects:
                    os.rmdir(path)

        await self.run(remove)

    async def copy(self, source: str, target: str) -> None:
        """Gives the same file a second name: no object's file is ever changed."""

        def link() -> None:
            unfinished = os.path.join(self.unfinished, uuid4().hex)
            os.link(path_of(self.objects, source), unfinished)
            self.publish(unfinished, path_of(self.objects, target), ALWAYS)

        await self.run(link)

    async def presign(self, method: str, key: str, seconds: int) -> str:
        """Nobody outside could reach it."""
        raise BlobError("unsupported", "objects in the data directory have no addresses: set 's3_bucket'")

    def upload(self, key: str, facts: Facts) -> LocalUpload:
        """Begins to write an object in pieces."""
        return LocalUpload(self, key, facts)

    @contextmanager
    def locked(self, kind: int) -> Iterator[None]:
        """Keeps those that compare before they write (LOCK_EX) from all that write (LOCK_SH)."""
        fd = os.open(self.lock, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(fd, kind)
            yield
        finally:
            os.close(fd)

    def publish(self, unfinished: str, path: str, condition: Condition) -> None:
        """Makes a finished file the object at `path`, for good."""
        folder = os.path.dirname(path)
        for _ in range(ATTEMPTS):
            make_folders(folder)
            try:
                with self.locked(fcntl.LOCK_EX if condition.etag else fcntl.LOCK_SH):
                    put_in_place(unfinished, path, condition)
                sync_folder(folder)
                return
            except FileNotFoundError:
                if not os.path.exists(unfinished):
                    raise
        raise OSError(f"the folder '{folder}' does not stay")


def put_in_place(unfinished: str, path: str, condition: Condition) -> None:
    """Renames a file over whatever is there, where the condition holds."""
    if condition.absent:
        try:
            os.link(unfinished, path)
        except FileExistsError as error:
            raise BlobError("exists", "there is an object already") from error
        os.unlink(unfinished)
        return
    if condition.etag and etag_at(path) != condition.etag:
        raise BlobError("conflict", "the object is not the one that was expected")
    os.rename(unfinished, path)


def etag_at(path: str) -> str:
    """Returns the etag of the object at a path; empty when there is none."""
    try:
        return look(path, "").etag
    except FileNotFoundError:
        return ""


class Writing:
    """A file that becomes an object. All of it blocks."""

    def __init__(self, store: LocalStore, key: str, facts: Facts, condition: Condition = ALWAYS) -> None:
        self.store = store
        self.key = key
        self.facts = facts
        self.condition = condition
        self.path = os.path.join(store.unfinished, uuid4().hex)
        self.fd = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.digest = content.new_hash()

    def write(self, data: bytes) -> None:
        """Adds to it."""
        content.write_all(self.fd, data)
        self.digest.update(data)

    def finish(self) -> Stored:
        """Makes it the object."""
        etag = content.end(self.fd, self.digest, self.facts)
        self.store.publish(self.path, path_of(self.store.objects, self.key), self.condition)
        return Stored(etag)

    def abort(self) -> None:
        """Closes it, and removes what did not become an object."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
            with suppress(FileNotFoundError):
                os.unlink(self.path)


class LocalUpload:
    """An object that is being written in pieces."""

    def __init__(self, store: LocalStore, key: str, facts: Facts) -> None:
        self.store = store
        self.make = lambda: Writing(store, key, facts)
        self.writing: Writing | None = None

    async def write(self, data: bytes) -> None:
        """Adds to it."""
        writing = await self.begun()
        await self.store.run(lambda: writing.write(data))

    async def finish(self) -> Stored:
        """Makes it the object."""
        writing = await self.begun()
        try:
            return await self.store.run(writing.finish)
        finally:
            await self.abort()

    async def abort(self) -> None:
        """Removes what was written."""
        if self.writing is not None:
            await self.store.run(self.writing.abort)

    async def begun(self) -> Writing:
        """Opens the file."""
        if self.writing is None:
            self.writing = await self.store.run(self.make)
        return self.writing


def refuse_version(version: str) -> None:
    """Raises BlobError for a version: none but the last is kept."""
    if version:
        raise BlobError("unsupported", "the data directory keeps no versions of objects: set 's3_bucket'")


@contextmanager
def opened(path: str) -> Iterator[int]:
    """Opens an object's file to read it."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except NotADirectoryError as error:
        raise FileNotFoundError(path) from error
    try:
        yield fd
    finally:
        os.close(fd)


def look(path: str, key: str) -> Info:
    """Tells what is known of the object in a file."""
    with opened(path) as fd:
        return content.info(fd, key)


def make_folders(path: str) -> None:
    """Makes a folder and those around it, durably, for this user only."""
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_folders(os.path.dirname(path))
        make_folders(path)
        return
    sync_folder(os.path.dirname(path))


def sync_folder(path: str) -> None:
    """Makes a folder's entries durable; one that is gone needs that no more."""
    with suppress(FileNotFoundError):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def clear(folder: str) -> None:
    """Removes what dead workers have left."""
    with os.scandir(folder) as scan:
        for entry in scan:
            with suppress(FileNotFoundError):
                if time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE:
                    os.unlink(entry.path)
