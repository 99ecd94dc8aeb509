"""`gojinn kv` and the admin API under it, against a running server with a function beside them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import pytest_asyncio

from gojinn.testing.app import App, serve
from gojinn.testing.guests import c_guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.asyncio(loop_scope="module")]

FUNCTIONS = Path(__file__).with_name("functions")
SITE = (
    ":0 {{\n\tgojinn * {module} {{\n\t\tpermissions {{\n\t\t\tkv_read *\n\t\t\tkv_write *\n\t\t}}\n\t}}\n}}\n"
)


class Finished(NamedTuple):
    """What came of a command."""

    code: int
    out: bytes
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


async def launch(app: App, *words: str) -> asyncio.subprocess.Process:
    """Starts `gojinn kv`."""
    address = app.admin.removeprefix("http://")
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gojinn", "kv", *words, "--address", address),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def kv(app: App, *words: str, stdin: bytes = b"") -> Finished:
    """Runs `gojinn kv` to its end."""
    process = await launch(app, *words)
    out, err = await process.communicate(stdin)
    return Finished(process.returncode or 0, out, err.decode())


async def ask(app: App, method: str, path: str, **options: Any) -> tuple[int, dict[str, Any]]:
    """Asks the admin listener."""
    async with app.session.request(method, f"{app.admin}/_sys/{path}", **options) as response:
        return response.status, await response.json(content_type=None)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    """A server with a function that keeps keys."""
    module = c_guest((FUNCTIONS / "gojinn.h").read_text() + (FUNCTIONS / "kv.c").read_text())
    async with serve(SITE.format(module=module), workers=2) as app:
        yield app


async def test_a_function_reads_at_once_what_was_put(app: App) -> None:
    await app.get("/get/shared")
    for number in range(40):
        status, written = await ask(app, "PUT", "kv/default/shared", data=str(number))
        assert (status, written["key"]) == (200, "shared")
        assert await app.get("/get/shared") == (200, str(number).encode())


async def test_put_get_and_delete(app: App) -> None:
    written = await kv(app, "put", "a/b c", "grün")
    assert written.json["key"] == "a/b c"
    assert (await kv(app, "get", "a/b c")).out == "grün".encode()
    shown = (await kv(app, "get", "a/b c", "--json")).json
    assert shown == {"key": "a/b c", "value": "grün", "revision": written.json["revision"]}
    assert (await kv(app, "delete", "a/b c")).code == 0
    missing = await kv(app, "get", "a/b c")
    assert (missing.code, missing.out) == (1, b"")
    assert "there is no key 'a/b c'" in missing.err


async def test_bytes_go_in_and_come_out_unchanged(app: App) -> None:
    data = bytes(range(256)) * 100
    await kv(app, "put", "picture", "-", stdin=data)
    assert (await kv(app, "get", "picture")).out == data


async def test_a_revision_guards_a_write(app: App) -> None:
    first = await kv(app, "put", "guarded", "1", "--revision", "0")
    assert first.code == 0
    refused = await kv(app, "put", "guarded", "2", "--revision", "0")
    assert refused.code == 1
    assert "exists already" in refused.err
    revision = str(first.json["revision"])
    assert (await kv(app, "put", "guarded", "2", "--revision", revision)).code == 0
    assert (await kv(app, "delete", "guarded", "--revision", revision)).code == 1


async def test_listing(app: App) -> None:
    for number in range(3):
        await ask(app, "PUT", f"kv/default/list%2F{number}", data="x" * number)
    everything = (await kv(app, "list", "list/", "--values")).json
    assert [(key["key"], key["value"]) for key in everything["keys"]] == [
        ("list/0", ""),
        ("list/1", "x"),
        ("list/2", "xx"),
    ]
    part = (await kv(app, "list", "list/", "--limit", "2")).json
    assert [key["key"] for key in part["keys"]] == ["list/0", "list/1"]
    assert part["next"] == "list/1"


async def test_tenants_are_apart(app: App) -> None:
    await kv(app, "put", "a", "theirs", "--tenant", "acme")
    assert (await kv(app, "get", "a", "-t", "acme")).out == b"theirs"
    assert (await kv(app, "get", "a")).code == 1
    unknown = await kv(app, "list", "-t", "nobody")
    assert unknown.code == 1
    assert "the tenant 'nobody' has no keys" in unknown.err
    assert "--tenant" in unknown.err


async def test_watching(app: App) -> None:
    start = await ask(app, "GET", "kv-changes/default?prefix=watched")
    watching = await launch(app, "watch", "watched", "--after", str(start[1]["revision"]))
    assert watching.stdout
    try:
        await app.get("/set/watched1/a")
        await app.get("/set/other/a")
        await ask(app, "DELETE", "kv/default/watched1")
        await ask(app, "PUT", "kv/default/watched2", data=b"\xff")
        told = []
        async with asyncio.timeout(30):
            while not told or told[-1]["key"] != "watched2":
                told.append(json.loads(await watching.stdout.readline()))
    finally:
        watching.kill()
        await watching.communicate()
    # It may have begun after the first change was overwritten by the second.
    changes = [(each["key"], each.get("value"), each.get("deleted", False)) for each in told]
    assert changes[-2:] == [("watched1", None, True), ("watched2", None, False)]
    assert changes[:-2] in ([], [("watched1", "a", False)])
    assert told[-1]["value_base64"] == "/w=="


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "words"),
    [
        ("PUT", "kv/default/" + "k" * 2000, b"", 413, "too long"),
        ("PUT", "kv/default/a", b"x" * 1_000_001, 413, "1,000,001 bytes"),
        ("PUT", "kv/default/a?ttl=soon", b"", 400, "wrong 'ttl'"),
        ("PUT", "kv/default/a?ttl=0.2", b"", 400, "wrong time to live"),
        ("PUT", "kv/default/a?revision=-1", b"", 400, "wrong 'revision'"),
        ("GET", "kv/default?limit=5000", b"", 400, "wrong 'limit'"),
        ("GET", "kv/default/nothing", b"", 404, "there is no key"),
        ("DELETE", "kv/default/nothing", b"", 404, "there is no key"),
        ("GET", "kv-changes/default?wait=1e9", b"", 400, "wrong 'wait'"),
        ("POST", "kv/default/a", b"", 405, "given POST"),
        ("PUT", "kv/" + "t" * 500 + "/a", b"", 413, "too long"),
    ],
    ids=lambda value: str(value)[:24],
)
async def test_bad_requests_are_refused(
    app: App, method: str, path: str, body: bytes, status: int, words: str
) -> None:
    found, problem = await ask(app, method, path, data=body)
    assert (found, words in problem["detail"]) == (status, True), problem
