"""The same Caddyfile under Debian's Caddy and under Gojinn: status, headers and body of every answer agree.

`differential/*.case` hold the directives of a site, a line `----` and one request a line: `METHOD target |
Header: value | > body`. After a second line `----` stand requests that are answered differently on purpose,
each below a comment that says why; they must differ, so that the list stays true. `{$ROOT}` is a folder of
files and `{$UPSTREAM}` an HTTP server that answers with what it was asked.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import zstandard

from gojinn.testing.app import serve

pytestmark = pytest.mark.slow

CASES = sorted(Path(__file__).with_name("differential").glob("*.case"))
OPTIONS = "{\n\tadmin off\n\tauto_https off\n}\n"
SITE = "http://127.0.0.1:{$PORT}"
PATIENCE = 20.0

IGNORED = frozenset({"connection", "date", "keep-alive", "server"})
"""Who answers, when, and what becomes of the connection."""
FRAMING = frozenset({"content-length", "transfer-encoding"})
"""Compared by what they frame: Go sends long texts in chunks and may not tell what HEAD leaves out."""
MODIFIED = 1_700_000_000
BOUNDARY = re.compile(rb"[0-9a-f]{60}")


@dataclass(frozen=True)
class Case:
    """One Caddyfile with its requests."""

    name: str
    caddyfile: str
    same: tuple[str, ...]
    different: tuple[str, ...]


def read_case(path: Path) -> Case:
    """Reads a case; comments are left out of the requests."""
    caddyfile, *tables = path.read_text().split("\n----\n")
    rows = [tuple(line for line in table.splitlines() if line and line[0] != "#") for table in tables]
    same, different = (*rows, ())[:2]
    return Case(path.stem, OPTIONS + f"{SITE} {{\n{caddyfile}\n}}\n", same, different)


@dataclass
class Answer:
    """An answer as far as it is compared."""

    status: int
    headers: dict[str, list[str]] = field(default_factory=dict)
    body: bytes = b""

    def __str__(self) -> str:
        lines = [
            str(self.status),
            *(f"{name}: {value}" for name in self.headers for value in self.headers[name]),
        ]
        return "\n".join([*lines, "", self.body.decode("utf-8", "backslashreplace")])


async def ask(port: int, line: str) -> Answer:
    """Sends one request on a connection of its own and reads the answer to its end."""
    first, *fields = [part.strip() for part in line.split(" | ")]
    body = fields.pop()[1:].strip().encode() if fields and fields[-1].startswith(">") else None
    if not any(item.lower().startswith("host:") for item in fields):
        fields.insert(0, "Host: 127.0.0.1")
    if "Transfer-Encoding: chunked" in fields and body is not None:
        body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)
    elif body is not None:
        fields.append(f"Content-Length: {len(body)}")
    head = "\r\n".join([f"{first} HTTP/1.1", *fields, "Connection: close", "", ""])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + (body or b""))
        raw = await asyncio.wait_for(reader.read(), PATIENCE)
    finally:
        writer.close()
        await writer.wait_closed()
    return parse_answer(raw, first.startswith("HEAD "))


def parse_answer(raw: bytes, headless: bool) -> Answer:
    """Takes an answer apart; bodies are put together and decompressed."""
    head, _, body = raw.partition(b"\r\n\r\n")
    status, *fields = head.decode("utf-8", "surrogateescape").split("\r\n")
    answer = Answer(int(status.split(" ")[1]))
    for name, _, value in (item.partition(":") for item in fields):
        answer.headers.setdefault(name.lower(), []).append(value.strip())
    if "chunked" in answer.headers.get("transfer-encoding", []):
        body = b"".join(read_chunks(body))
    elif not headless and "content-length" in answer.headers and answer.status != 304:
        assert [str(len(body))] == answer.headers["content-length"], "the answer is not whole"
    encoding = answer.headers.get("content-encoding", [""])[0]
    answer.body = BOUNDARY.sub(b"boundary", DECODERS[encoding](body) if body else body)
    kind = answer.headers.get("content-type", [""])
    answer.headers["content-type"] = [BOUNDARY.sub(b"boundary", one.encode()).decode() for one in kind]
    answer.headers = {
        k: v for k, v in sorted(answer.headers.items()) if k not in IGNORED | FRAMING and v != [""]
    }
    return answer


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "": lambda body: body,
    "gzip": lambda body: zlib.decompress(body, 31),
    "zstd": lambda body: zstandard.ZstdDecompressor().decompressobj().decompress(body),
    "br": lambda body: body,
}


def read_chunks(body: bytes) -> Iterator[bytes]:
    """Yields the chunks of a chunked body, which must be whole."""
    while True:
        size, _, body = body.partition(b"\r\n")
        length = int(size, 16)
        if length == 0:
            assert body == b"\r\n", "the answer is not whole"
            return
        yield body[:length]
        body = body[length + 2 :]


@asynccontextmanager
async def caddy(case: Case, folder: Path, env: dict[str, str]) -> AsyncIterator[int]:
    """Runs Debian's Caddy and tells its port, which it logs."""
    home = folder / "home"
    path = folder / "Caddyfile"
    path.write_text(case.caddyfile)
    process = await asyncio.create_subprocess_exec(
        "caddy",
        *("run", "--config", str(path), "--adapter", "caddyfile"),
        cwd=folder,
        env={**os.environ, **env, "PORT": "0", "HOME": str(home), "XDG_DATA_HOME": str(home)},
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    port, log = 0, []
    drain: asyncio.Task[bytes] | None = None
    try:
        async with asyncio.timeout(PATIENCE):
            while (line := await process.stderr.readline()) and b"serving initial configuration" not in line:
                log.append(line)
                if b"actual_address" in line:
                    port = int(json.loads(line)["actual_address"].rpartition(":")[2])
        assert port, b"".join(log).decode()
        drain = asyncio.create_task(process.stderr.read())
        yield port
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        if drain is not None:
            await drain


@asynccontextmanager
async def gojinn(case: Case, folder: Path, env: dict[str, str]) -> AsyncIterator[int]:
    """Runs Gojinn and tells its port."""
    async with serve(case.caddyfile, folder=folder, env={**env, "PORT": "0"}) as app:
        yield int(app.url.rpartition(":")[2])


@asynccontextmanager
async def upstream() -> AsyncIterator[int]:
    """An HTTP server that answers as the path says, else with the request itself, its fields sorted."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await answer(reader, writer):
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    """Answers one request; tells whether the connection goes on."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("utf-8", "surrogateescape")
    line, *fields = head.strip("\r\n").split("\r\n")
    names = {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in fields)}
    body = b""
    if "chunked" in names.get("transfer-encoding", ""):
        while size := int(await reader.readline(), 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
    elif "content-length" in names:
        body = await reader.readexactly(int(names["content-length"]))
    path = line.split(" ")[1].partition("?")[0]
    for ending, reply in REPLIES.items():
        if path.endswith(ending):
            writer.write(reply)
            return ending not in ("/until-close", "/garbage", "/nothing")
    shown = [item for item in fields if item.partition(":")[0].lower() not in ("host", "accept-encoding")]
    text = (
        "\n".join([line, f"host: {names['host']}", *sorted(item.lower() for item in shown), ""]).encode()
        + body
    )
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(text))
    writer.write(b"" if line.startswith("HEAD") else text)
    return True


REPLIES = {
    "/untyped": b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n<html> hello",
    "/fields": b"HTTP/1.1 203 Odd\r\nX-A: 1\r\nX-a: 2\r\nConnection: X-Drop\r\nX-Drop: 1\r\nKeep-Alive: 5\r\n"
    b"Set-Cookie: a=b\r\nSet-Cookie: c=d\r\nContent-Type: a/b\r\nContent-Length: 2\r\n\r\nhi",
    "/chunks": b"HTTP/1.1 200 OK\r\nContent-Type: a/b\r\nTransfer-Encoding: chunked\r\n\r\n"
    b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\n\r\n",
    "/until-close": b"HTTP/1.0 200 OK\r\nContent-Type: a/b\r\n\r\nuntil the end",
    "/garbage": b"\x00\x01 garbage\r\n\r\n",
    "/nothing": b"",
    "/no-content": b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n",
    "/unchanged": b'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
    "/moved": b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
    "/failing": b"HTTP/1.1 500 Internal Server Error\r\nContent-Type: a/b\r\nContent-Length: 4\r\n\r\noops",
    "/zipped": b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Encoding: br\r\n"
    b"Content-Length: 600\r\n\r\n" + b"z" * 600,
    "/long": b'HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nETag: "x"\r\nContent-Length: 600\r\n\r\n'
    + b"z" * 600,
}


def make_files(root: Path) -> None:
    """Fills a folder with files whose times are the same on every run."""
    texts = {
        "index.html": "<p>home\n",
        "a.txt": "hello world\n",
        "b.html": "<p>b\n",
        "empty.txt": "",
        "noext": "plain text without an extension\n",
        "data.json": "{}\n",
        "pic.PNG": "not a picture\n",
        "archive.tar.gz": "no\n",
        "unknown.xyzzy": "?\n",
        "page.html": "<p>page\n",
        "with space.txt": "space\n",
        "ümlaut.txt": "umlaut\n",
        "secret.key": "key\n",
        "dir/index.html": "<p>dir\n",
        "dir/sub/file.css": "a{}\n",
        "noindex/z.txt": "z\n",
        "noindex/y.txt": "yy\n",
        "text-index/index.txt": "text index\n",
        "private/a.txt": "private\n",
        "big.txt": "0123456789abcdef" * 256,
        "big.bin": "\0\1\2\3" * 1024,
        "side.txt": "side " * 200,
        ".hidden": "dot\n",
    }
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (root / "side.txt.gz").write_bytes(gzip.compress(b"compressed beforehand", mtime=0))
    (root / "link.txt").symlink_to("a.txt")
    (root / "noindex/link").symlink_to("../dir")
    for path in [*sorted(root.rglob("*")), root]:
        os.utime(path, (MODIFIED, MODIFIED), follow_symlinks=False)


@pytest.mark.usefixtures("caddy_command")
@pytest.mark.parametrize("path", CASES, ids=[path.stem for path in CASES])
async def test_answers_as_caddy_does(path: Path, tmp_path: Path) -> None:
    case = read_case(path)
    make_files(tmp_path / "files")
    (tmp_path / "caddy").mkdir()
    (tmp_path / "gojinn").mkdir()
    async with upstream() as port:
        env = {"ROOT": str(tmp_path / "files"), "UPSTREAM": f"127.0.0.1:{port}"}
        async with (
            caddy(case, tmp_path / "caddy", env) as theirs,
            gojinn(case, tmp_path / "gojinn", env) as ours,
        ):
            wrong = []
            for line in (*case.same, *case.different):
                expected, given = str(await ask(theirs, line)), str(await ask(ours, line))
                if (expected == given) is (line in case.different):
                    wrong.append(f"### {line}\n--- caddy\n{expected}\n--- gojinn\n{given}\n")
    assert not wrong, "\n".join(["", *wrong])
