"""Bodies compressed while they are sent."""

import zlib
from collections.abc import AsyncIterator

import pytest
import zstandard

from gojinn.edge.compression import Compressed, Compressor, Gzip, Zstd


class Source(AsyncIterator[bytes]):
    """A body that notes when it is closed."""

    def __init__(self, *chunks: bytes) -> None:
        self.chunks = list(chunks)
        self.closed = False

    async def __anext__(self) -> bytes:
        if not self.chunks:
            raise StopAsyncIteration
        return self.chunks.pop(0)

    async def aclose(self) -> None:
        self.closed = True


@pytest.mark.parametrize("compressor", [Gzip(5), Zstd()], ids=["gzip", "zstd"])
async def test_each_chunk_of_a_live_body_can_be_read_at_once(compressor: Compressor) -> None:
    read = (
        zlib.decompressobj(31)
        if isinstance(compressor, Gzip)
        else zstandard.ZstdDecompressor().decompressobj()
    )
    body = Compressed(Source(b"first", b"second"), compressor, live=True)
    assert [read.decompress(await anext(body)) for _ in range(2)] == [b"first", b"second"]


@pytest.mark.parametrize("live", [True, False])
async def test_large_chunks_come_out_whole(live: bool) -> None:
    data = bytes(range(256)) * 4096
    body = Compressed(Source(data, b"", data), Gzip(1), live=live)
    assert zlib.decompress(b"".join([chunk async for chunk in body]), 31) == data * 2


async def test_closing_early_closes_the_source() -> None:
    source = Source(b"x")
    body = Compressed(source, Gzip(5), live=False)
    await body.aclose()
    assert source.closed
    assert [chunk async for chunk in body] == []
