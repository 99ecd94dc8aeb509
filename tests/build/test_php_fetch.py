"""PHP: other servers, by the SDK, by streams and by the functions of curl."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from aiohttp import web

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

FUNCTION = Path(__file__).parent / "functions" / "phpfetch"
SITE = ":0\ngojinn * %s {\n\tdebug_secret secret\n\tallow_host 127.0.0.1\n}\n"
BYTES = bytes(range(256)) * 9000
DIGEST = hashlib.md5(BYTES, usedforsecurity=False).hexdigest()


class Upstream:
    """A server that says what it was asked."""

    def __init__(self) -> None:
        self.waiting: list[asyncio.Future[None]] = []
        self.ended = asyncio.Event()

    async def echo(self, request: web.Request) -> web.Response:
        names = ("X-One", "X-Two", "User-Agent", "Content-Type", "Authorization")
        said = {name: request.headers.getall(name) for name in names if name in request.headers}
        body = (await request.read()).decode("latin-1")
        told = {"method": request.method, "query": request.query_string, "headers": said, "body": body}
        return web.json_response(told)

    async def form(self, request: web.Request) -> web.Response:
        fields = await request.post()
        told: dict[str, Any] = {}
        for name, value in fields.items():
            is_file = isinstance(value, web.FileField)
            told[name] = (
                [value.filename, value.content_type, value.file.read().decode()] if is_file else value
            )
        return web.json_response(told)

    async def meet(self, request: web.Request) -> web.Response:
        """Answers when two ask at once."""
        self.waiting.append(asyncio.get_running_loop().create_future())
        mine = self.waiting[-1]
        if len(self.waiting) == 2:
            for each in self.waiting:
                each.set_result(None)
            self.waiting = []
        await mine
        return web.Response(text=request.method)

    async def redirect(self, request: web.Request) -> web.Response:
        left = int(request.match_info["left"])
        to = "/lines" if left == 1 else str(left - 1)
        return web.Response(status=302, headers={"Location": to})

    async def lines(self, request: web.Request) -> web.Response:
        return web.Response(text="one\ntwo\n")

    async def bytes(self, request: web.Request) -> web.Response:
        return web.Response(body=BYTES)

    async def missing(self, request: web.Request) -> web.Response:
        return web.Response(status=404, text="not here")

    async def never(self, request: web.Request) -> web.Response:
        """Answers when the test has ended."""
        await self.ended.wait()
        return web.Response()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def upstream() -> AsyncIterator[str]:
    served, app = Upstream(), web.Application()
    for name in ("echo", "form", "meet", "lines", "bytes", "missing", "never"):
        app.router.add_route("*", f"/{name}", getattr(served, name))
    app.router.add_route("*", "/redirect/{left}", served.redirect)
    runner = web.AppRunner(app, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    served.ended.set()
    for each in served.waiting:
        each.cancel()
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(need_interpreter: Callable[[str], None]) -> AsyncIterator[App]:
    need_interpreter("php")
    built = await build(read(FUNCTION))
    async with serve(SITE % built.project.output) as app:
        yield app


async def ask(app: App, path: str, base: str) -> tuple[Any, list[str]]:
    headers = {"X-Gojinn-Debug": "secret"}
    async with app.session.get(app.url + path, params={"base": base}, headers=headers) as response:
        log = json.loads(response.headers.get("X-Gojinn-Logs", "[]"))
        assert response.status == 200, log
        return await response.json(), log


async def test_sdk_asks_other_servers(served: App, upstream: str) -> None:
    body, _ = await ask(served, "/sdk", upstream)
    sent = body["sent"]
    assert (sent["method"], sent["query"], sent["body"]) == ("PUT", "a=b", "a\xff")
    assert sent["headers"]["X-One"] == ["1"]
    assert ",".join(sent["headers"]["X-Two"]).replace(" ", "") == "1,2"
    assert body["status"] == [200, 302, ["/lines"], 200, True]
    assert body["followed"] == {"url": f"{upstream}/lines", "redirected": True, "status": 200}
    assert body["all"] == ["GET", "POST", "denied", "bad-request"]
    assert body["bytes"] == DIGEST
    assert body["errors"] == ["denied", "timeout", "unavailable", "bad-request", "unavailable"]


async def test_urls_are_files(served: App, upstream: str) -> None:
    body, log = await ask(served, "/streams", upstream)
    sent = body.pop("sent")
    assert (sent["method"], sent["body"]) == ("POST", "sent")
    assert sent["headers"] == {
        "X-One": ["1"],
        "User-Agent": ["tester"],
        "Content-Type": ["text/plain"],
    }
    assert body == {
        "told": ["HTTP/1.1 200 OK", True],
        "line": "one\n",
        "head": "HTTP/1.1 200 OK",
        "hops": 3,
        "missing": [False, "HTTP/1.1 404 Not Found", "not here"],
        "stayed": "HTTP/1.1 302 Found",
        "few": False,
        "copied": DIGEST,
        "denied": False,
        "write": False,
        "late": False,
    }
    told = next(line for line in log if "file_get_contents(https://denied.example/x)" in line)
    assert "index.php:" in told
    assert "allow_host denied.example" in told


async def test_functions_of_curl_do_what_most_code_does_with_them(served: App, upstream: str) -> None:
    body, _ = await ask(served, "/curl", upstream)
    sent = body.pop("sent")
    assert (sent["method"], sent["body"]) == ("POST", "a=b+c")
    assert sent["headers"]["X-One"] == ["1"]
    assert sent["headers"]["Content-Type"] == ["application/x-www-form-urlencoded"]
    assert sent["headers"]["Authorization"] == ["Basic QWRhOmI="]
    assert "allow_host denied.example" in body.pop("denied")
    assert body == {
        "lines": ["HTTP/1.1 200 OK\r\n", "\r\n"],
        "followed": ["one\ntwo\n", 2, 200, True],
        "parts": {"a": "1", "f": ["f.txt", "text/x", "of a file"]},
        "limited": [False, 47],
        "head": True,
        "multi": [[0, 0, 7], ["GET", "GET", ""]],
        "late": [False, 28],
        "refused": [False, 7],
        "fails": [False, 22],
    }
