"""`encode`, beyond what is compared with Caddy: streams, mistakes."""

import zlib
from pathlib import Path

import pytest

from gojinn.errors import ConfigError
from gojinn.testing.edge import Serve, written


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("encode", "lacks a format"),
        ("encode br", "expected 'gzip' or 'zstd'"),
        ("encode {\ngzip 10\n}", "from 1 to 9"),
        ("encode gzip {\nminimum_length x\n}", "at least 0"),
        ("encode gzip {\nmatch\n}", "wrong arguments for 'match'"),
        ("encode gzip {\nmatch {\nstatus x\n}\n}", "expected an HTTP status such as '404'"),
        ("encode gzip {\nmatch {\nheader X\n}\n}", "wrong arguments for 'header'"),
        ("encode gzip {\nmatch {\nmethod GET\n}\n}", "unknown subdirective 'method'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")


async def test_large_file_is_compressed_on_the_way(serve: Serve, tmp_path: Path) -> None:
    data = b"some text " * 200_000
    (tmp_path / "large.txt").write_bytes(data)
    client = await (
        await serve(f"http://localhost {{\nroot * {tmp_path}\nencode gzip\nfile_server\n}}\n")
    ).connect()
    reply = await client.get("/large.txt", Accept_Encoding="gzip")
    assert reply.headers["transfer-encoding"] == "chunked"
    assert zlib.decompress(reply.body, 31) == data


async def test_etag_of_a_compressed_answer_still_matches(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"x" * 1000)
    client = await (
        await serve(f"http://localhost {{\nroot * {tmp_path}\nencode gzip\nfile_server\n}}\n")
    ).connect()
    reply = await client.get("/a.txt", Accept_Encoding="gzip")
    assert (await client.get("/a.txt", If_None_Match=reply.headers["etag"])).status == 304
