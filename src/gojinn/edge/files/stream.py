"""Reading files without holding up the event loop. Which part of which file is `content`'s."""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import TypeVar

from gojinn.edge.files.ranges import Range
from gojinn.edge.handler import BuildContext

CHUNK = 128 * 1024
"""Bytes read at a time: few loop trips, and what a slow client makes us hold is bounded."""
THREADS = 4
"""Reads that may wait for a disk at once, in one worker."""
T = TypeVar("T")


class FileReader(AbstractAsyncContextManager["FileReader"]):
    """Reads from files: at once what the page cache has, in a few threads what the disk must bring."""

    def __init__(self) -> None:
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gojinn-files")

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.threads.shutdown()

    async def run(self, work: Callable[[], T]) -> T:
        """Runs work that may block in one of the threads."""
        return await asyncio.get_running_loop().run_in_executor(self.threads, work)

    async def read(self, fd: int, offset: int, length: int) -> bytes:
        """Reads up to `length` bytes; empty at the file's end."""
        buffer = bytearray(length)
        try:
            count = os.preadv(fd, [buffer], offset, os.RWF_NOWAIT)
        except OSError:
            return await self.run(lambda: os.pread(fd, length, offset))
        return bytes(memoryview(buffer)[:count])


def shared_reader(context: BuildContext) -> FileReader:
    """Returns the reader of this generation, made by the first that asks."""
    for resource in context.resources:
        if isinstance(resource, FileReader):
            return resource
    reader = FileReader()
    context.resources.append(reader)
    return reader


class FileStream(AsyncIterator[bytes]):
    """A body made of literal bytes and parts of one open file, which it closes at its end or by `aclose`.

    A file that got shorter meanwhile raises, so that the client notices.
    """

    __slots__ = ("fd", "length", "pieces", "reader")

    def __init__(self, reader: FileReader, fd: int, pieces: Iterable[bytes | Range]) -> None:
        self.reader = reader
        self.fd = fd
        self.pieces = deque(pieces)
        self.length = sum(len(piece) if isinstance(piece, bytes) else piece.length for piece in self.pieces)
        """Bytes in all."""

    async def __anext__(self) -> bytes:
        while self.pieces:
            piece = self.pieces.popleft()
            if isinstance(piece, bytes):
                return piece
            if piece.length:
                return await self.read_from(piece)
        await self.aclose()
        raise StopAsyncIteration

    async def read_from(self, part: Range) -> bytes:
        """Reads the next bytes of a part and puts the rest of it back."""
        data = await self.reader.read(self.fd, part.start, min(part.length, CHUNK))
        if not data:
            raise EOFError("a file became shorter while it was sent")
        self.pieces.appendleft(Range(part.start + len(data), part.length - len(data)))
        return data

    async def read_all(self) -> bytes:
        """Returns all of it, for what is small."""
        try:
            return b"".join([chunk async for chunk in self])
        finally:
            await self.aclose()

    async def aclose(self) -> None:
        """Closes the file."""
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self.pieces.clear()
        fd, self.fd = self.fd, -1
        if fd >= 0:
            os.close(fd)

    def __del__(self) -> None:
        if self.fd >= 0:
            os.close(self.fd)
