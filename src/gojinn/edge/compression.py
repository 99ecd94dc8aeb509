"""Compressing bodies as they are sent. Whether to is `encode`'s business."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator
from typing import Any, Protocol

SLICE = 32 * 1024
"""Bytes compressed at a time, about a millisecond's work: others get their turn in between."""
GZIP_WRAPPER = 16 + zlib.MAX_WBITS
ZSTD_LEVEL = 3
ZSTD_WINDOW = 17
"""Binary logarithm of the window: 128 KiB, so that decoding takes clients little memory."""


class Compressor(Protocol):
    """One compressed stream in the making."""

    def compress(self, data: bytes) -> bytes:
        """Takes data in and returns what is ready of the output."""

    def sync(self) -> bytes:
        """Returns what is still inside, so that all data so far can be read."""

    def finish(self) -> bytes:
        """Returns the rest and the stream's end."""


class Gzip:
    """A gzip stream (RFC 1952)."""

    def __init__(self, level: int) -> None:
        self._stream = zlib.compressobj(level, zlib.DEFLATED, GZIP_WRAPPER)

    def compress(self, data: bytes) -> bytes:
        return self._stream.compress(data)

    def sync(self) -> bytes:
        return self._stream.flush(zlib.Z_SYNC_FLUSH)

    def finish(self) -> bytes:
        return self._stream.flush(zlib.Z_FINISH)


class Zstd:
    """A Zstandard stream (RFC 8878)."""

    def __init__(self) -> None:
        import zstandard

        parameters = zstandard.ZstdCompressionParameters.from_level(ZSTD_LEVEL, window_log=ZSTD_WINDOW)
        self._stream: Any = zstandard.ZstdCompressor(compression_params=parameters).compressobj()
        self._block = zstandard.COMPRESSOBJ_FLUSH_BLOCK

    def compress(self, data: bytes) -> bytes:
        return bytes(self._stream.compress(data))

    def sync(self) -> bytes:
        return bytes(self._stream.flush(self._block))

    def finish(self) -> bytes:
        return bytes(self._stream.flush())


class Compressed(AsyncIterator[bytes]):
    """A body that compresses another one on the way; closing it closes that one."""

    def __init__(self, source: AsyncIterator[bytes], compressor: Compressor, *, live: bool) -> None:
        self._source = source
        self._compressor = compressor
        self._live = live
        """Whether a client must see each chunk at once."""
        self._ended = False

    async def __anext__(self) -> bytes:
        while not self._ended:
            try:
                data = await self._take(await anext(self._source))
            except StopAsyncIteration:
                self._ended = True
                data = self._compressor.finish()
            if data:
                return data
        raise StopAsyncIteration

    async def _take(self, chunk: bytes) -> bytes:
        """Compresses one chunk."""
        ready = []
        for start in range(0, len(chunk), SLICE):
            if start:
                await asyncio.sleep(0)
            ready.append(self._compressor.compress(chunk[start : start + SLICE]))
        if self._live:
            ready.append(self._compressor.sync())
        return b"".join(ready)

    async def aclose(self) -> None:
        """Ends early."""
        self._ended = True
        await close_body(self._source)


class Resumed(AsyncIterator[bytes]):
    """A body of which the first chunk was already taken out."""

    def __init__(self, chunk: bytes, source: AsyncIterator[bytes]) -> None:
        self._chunk: bytes | None = chunk
        self._source = source

    async def __anext__(self) -> bytes:
        chunk, self._chunk = self._chunk, None
        return await anext(self._source) if chunk is None else chunk

    async def aclose(self) -> None:
        """Ends early."""
        await close_body(self._source)


async def close_body(body: AsyncIterator[bytes]) -> None:
    """Lets go of what a body holds, if it holds anything."""
    close = getattr(body, "aclose", None)
    if close is not None:
        await close()
