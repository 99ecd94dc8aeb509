"""`file_server`, beyond what is compared with Caddy: hidden files, descriptors, hostile requests."""

import os
from pathlib import Path
from urllib.parse import quote

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.load import load_config
from gojinn.errors import ConfigError
from gojinn.testing.edge import Serve, until, written


def site(root: Path, *options: str) -> str:
    """Writes a site that serves a folder."""
    return "\n".join(["http://localhost {", f"root * {root}", "file_server {", *options, "}", "}", ""])


def descriptors() -> set[str]:
    """Lists the files that are open in this process."""
    found = set()
    for fd in os.listdir("/proc/self/fd"):
        try:
            found.add(os.readlink(f"/proc/self/fd/{fd}"))
        except FileNotFoundError:
            continue
    return found


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("file_server list", "nothing or 'browse'"),
        ("file_server {\nhide\n}", "<files...>"),
        ("file_server {\nprecompressed deflate\n}", "'gzip', 'zstd' or 'br'"),
        ("file_server {\nbrowse page.html\n}", "no arguments"),
        ("file_server {\nstatus x\n}", "expected an HTTP status"),
        ("file_server {\nfs s3\n}", "unknown subdirective 'fs'"),
    ],
)
def test_mistakes_are_told(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        written("http://localhost {\n" + text + "\n}\n")


async def test_caddyfile_and_its_imports_are_not_served(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "part.conf").write_text("header X-A 1\n")
    (tmp_path / "Caddyfile").write_text("http://localhost {\nimport part.conf\nfile_server\n}\n")
    (tmp_path / "other.txt").write_text("other")
    config = load_config(str(tmp_path / "Caddyfile"), GRAMMAR)
    client = await (await serve(config)).connect()
    statuses = [(await client.get(f"/{name}")).status for name in ("Caddyfile", "part.conf", "other.txt")]
    assert statuses == [404, 404, 200]


async def test_folder_of_the_caddyfile_is_served_without_a_root(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("a")
    (tmp_path / "Caddyfile").write_text("http://localhost {\nfile_server\n}\n")
    client = await (await serve(load_config(str(tmp_path / "Caddyfile"), GRAMMAR))).connect()
    assert (await client.get("/a.txt")).body == b"a"


@pytest.mark.parametrize(
    "fields",
    [{}, {"Range": "bytes=0-1,3-4"}, {"If_None_Match": "*"}, {"If_Match": '"x"'}, {"Range": "bytes=99-"}],
)
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_files_are_closed_after_every_answer(
    serve: Serve, tmp_path: Path, method: str, fields: dict[str, str]
) -> None:
    (tmp_path / "a.txt").write_text("hello")
    client = await (await serve(site(tmp_path))).connect()
    await client.ask(method, "/a.txt", **fields)
    await until(lambda: str(tmp_path / "a.txt") not in descriptors())


async def test_file_is_closed_when_the_client_leaves(serve: Serve, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 30)
    client = await (await serve(site(tmp_path))).connect(limit=4096)
    await client.send(b"GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.head()
    assert str(path) in descriptors()
    client.writer.transport.abort()
    await until(lambda: str(path) not in descriptors())


async def test_thousands_of_parts_are_sent_as_asked(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(bytes(range(256)) * 256)
    client = await (await serve(site(tmp_path))).connect()
    ranges = ",".join(f"{at}-{at}" for at in range(3000))
    reply = await client.get("/a.bin", Range=f"bytes={ranges}")
    assert reply.status == 206
    assert reply.body.count(b"Content-Range: ") == 3000


async def test_requests_on_one_connection_do_not_mix(serve: Serve, tmp_path: Path) -> None:
    for name, size in (("a", 10), ("b", 300_000), ("c", 0)):
        (tmp_path / name).write_bytes(name.encode() * size)
    client = await (await serve(site(tmp_path))).connect()
    requests = [f"GET /{name} HTTP/1.1\r\nHost: localhost\r\n\r\n" for name in "abcba"]
    await client.send("".join(requests).encode())
    assert [len((await client.reply()).body) for _ in requests] == [10, 300_000, 0, 300_000, 10]


async def test_special_files_send_nothing(serve: Serve, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "null").symlink_to("/dev/null")
    client = await (await serve(site(tmp_path))).connect()
    for name in ("pipe", "null"):
        reply = await client.get(f"/{name}")
        assert (reply.status, reply.body) == (200, b"")


async def test_folder_that_may_not_be_read_is_403(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "denied")

    (tmp_path / "dir").mkdir()
    client = await (await serve(site(tmp_path, "browse"))).connect()
    monkeypatch.setattr(os, "scandir", refuse)
    assert (await client.get("/dir/")).status == 403


async def test_page_lists_a_folder(serve: Serve, tmp_path: Path) -> None:
    (tmp_path / "a file.txt").touch()
    client = await (await serve(site(tmp_path, "browse"))).connect()
    reply = await client.get("/")
    assert reply.headers["content-type"] == "text/html; charset=utf-8"
    assert b'<a href="./a%20file.txt">a file.txt</a>' in reply.body


@pytest.mark.parametrize("name", ["a b%c?d#e", "back\\slash", '"quoted"', "ünicode"])
async def test_redirect_leads_to_the_folder_whatever_its_name(
    serve: Serve, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "index.html").write_text("found")
    client = await (await serve(site(tmp_path))).connect()
    reply = await client.get(f"/{quote(name)}")
    assert reply.status == 308
    assert (await client.get(reply.headers["location"])).body == b"found"


@pytest.mark.parametrize("target", ["//evil.test/../dir", "/\\evil.test/..%2fdir", "///dir", "/.//dir"])
async def test_redirects_stay_on_this_site(serve: Serve, tmp_path: Path, target: str) -> None:
    (tmp_path / "dir").mkdir()
    (tmp_path / "dir/index.html").touch()
    client = await (await serve(site(tmp_path))).connect()
    reply = await client.get(target)
    assert reply.status in (308, 404)
    assert reply.headers.get("location", "/dir/") == "/dir/"
