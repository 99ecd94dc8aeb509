"""Files read piece by piece."""

import os
import threading
from pathlib import Path

import pytest

from gojinn.edge.files.ranges import Range
from gojinn.edge.files.stream import CHUNK, FileReader, FileStream


async def test_pieces_come_in_order_and_bounded(tmp_path: Path) -> None:
    data = os.urandom(CHUNK * 2 + 5)
    path = tmp_path / "file"
    path.write_bytes(data)
    async with FileReader() as reader:
        fd = os.open(path, os.O_RDONLY)
        stream = FileStream(reader, fd, [b"head", Range(0, len(data)), b"tail", Range(1, 3)])
        chunks = [chunk async for chunk in stream]
    assert b"".join(chunks) == b"head" + data + b"tail" + data[1:4]
    assert max(map(len, chunks)) <= CHUNK
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(fd)


async def test_file_that_shrinks_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    async with FileReader() as reader:
        stream = FileStream(reader, os.open(path, os.O_RDONLY), [Range(0, 10)])
        assert await anext(stream) == b"12345"
        with pytest.raises(EOFError):
            await anext(stream)
        await stream.aclose()


async def test_unread_stream_leaves_no_descriptor(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"x")
    async with FileReader() as reader:
        fd = os.open(path, os.O_RDONLY)
        FileStream(reader, fd, [Range(0, 1)])
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(fd)


async def test_what_is_not_cached_is_read_in_a_thread_that_ends() -> None:
    """A pipe cannot be read without waiting, so it takes the way of a cold file."""
    async with FileReader() as reader:
        assert await reader.run(lambda: threading.current_thread().name.startswith("gojinn-files"))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("gojinn-files")]
