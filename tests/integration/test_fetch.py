"""`fetch` in functions in JavaScript, against a real server. What may be asked is the host's to test."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio
from aiohttp import web

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.build.runtimes import locate, runtime
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

FUNCTION = Path(__file__).parent / "functions" / "fetching"
SITE = """\
:0
gojinn * %s {
	timeout 20s
	debug_secret secret
	allow_host 127.0.0.1
}
"""


class Upstream:
    """The server that is asked."""

    def __init__(self) -> None:
        self.url = ""
        self.met: Counter[str] = Counter()
        self.all: defaultdict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.came, self.left = asyncio.Event(), asyncio.Event()

    async def echo(self, request: web.Request) -> web.Response:
        body = await request.read()
        told = {
            "method": request.method,
            "target": request.path_qs,
            "headers": {name.lower(): ", ".join(request.headers.getall(name)) for name in request.headers},
            "body": body.decode(errors="replace"),
            "base64": base64.b64encode(body).decode(),
        }
        return web.json_response(told, headers={"X-Upstream": "yes"})

    async def meet(self, request: web.Request) -> web.Response:
        name, wanted = request.query["name"], int(request.query["of"])
        self.met[name] += 1
        if self.met[name] == wanted:
            self.all[name].set()
        await self.all[name].wait()
        return web.Response(text="met")

    async def never(self, request: web.Request) -> web.Response:
        self.came.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError

    async def come(self, request: web.Request) -> web.Response:
        await self.came.wait()
        return web.Response(text="come")

    async def gone(self, request: web.Request) -> web.Response:
        await self.left.wait()
        return web.Response(text="left")

    async def closed(self, request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    async def cut(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"some")
        assert request.transport is not None
        request.transport.close()
        return response


def fixed(
    body: bytes = b"", status: int = 200, headers: dict[str, str] | None = None
) -> Callable[[web.Request], object]:
    """Answers the same always."""

    async def answer(request: web.Request) -> web.Response:
        response = web.Response(body=body, status=status, headers=headers)
        if request.path == "/cookies":
            response.headers.add("Set-Cookie", "b=2; Path=/")
        return response

    return answer


PACKED = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
FIXED = {
    "/text": fixed("grün".encode(), headers={"Content-Type": "text/plain", "X-A": "b"}),
    "/moved": fixed(status=302, headers={"Location": "/text"}),
    "/round": fixed(status=302, headers={"Location": "/round"}),
    "/cookies": fixed(headers={"Set-Cookie": "a=1"}),
    "/bytes": fixed(bytes([0, 255, 10])),
    "/large": fixed(bytes(9 << 20)),
    "/empty": fixed(status=204),
    "/odd": fixed(b"x", status=799),
    "/packed": fixed(gzip.compress(b'{"a": 1}'), headers=PACKED),
    "/form": fixed(b"a=b+c", headers={"Content-Type": "application/x-www-form-urlencoded"}),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def upstream() -> AsyncIterator[Upstream]:
    """Starts the server that is asked."""
    server, application = Upstream(), web.Application(client_max_size=64 << 20)
    for path, answer in FIXED.items():
        application.router.add_route("*", path, answer)
    for name in ("echo", "meet", "never", "come", "closed", "cut"):
        application.router.add_route("*", f"/{name}", getattr(server, name))
    application.router.add_route("*", "/left", server.gone)
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield server
    await runner.cleanup()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(missing: Callable[[str], NoReturn]) -> AsyncIterator[App]:
    """Serves the function that asks."""
    if locate(runtime("javascript")) is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")
    built = await build(read(FUNCTION))
    async with serve(SITE % built.project.output) as served:
        yield served


async def ask(app: App, path: str, upstream: Upstream, **options: object) -> tuple[int, str, str]:
    """Asks the function; the status, the body, the function's log."""
    join = "&" if "?" in path else "?"
    headers = {"X-Gojinn-Debug": "secret", **options.pop("headers", {})}  # type: ignore[dict-item]
    url = f"{app.url}{path}{join}to={upstream.url}"
    method = str(options.pop("method", "GET"))
    async with app.session.request(method, url, headers=headers, **options) as answer:  # type: ignore[arg-type]
        log = json.loads(answer.headers.get("X-Gojinn-Logs", "[]"))
        return answer.status, await answer.text(), "\n".join(log)


@pytest.mark.parametrize("suite", ["requests", "bodies", "answers", "together", "aborts", "refusals"])
async def test_fetch_does_what_its_standard_says(app: App, upstream: Upstream, suite: str) -> None:
    status, body, log = await ask(app, f"/suite/{suite}", upstream)
    assert status == 200, log
    assert not [result for result in json.loads(body) if result[1] != result[2]]


async def test_failing_fetch_names_its_cause_and_its_line(app: App, upstream: Upstream) -> None:
    status, body, log = await ask(app, "/way/throws", upstream)
    assert (status, json.loads(body)["title"]) == (500, "the function failed")
    assert f"fetch of '{upstream.url}/closed' failed: " in log
    assert "index.js:9:" in log
    assert "gojinn:" not in log.replace("gojinn: ", "")


async def test_fetch_that_nobody_waits_for_is_broken_off_and_said(app: App, upstream: Upstream) -> None:
    upstream.left.clear()
    status, body, log = await ask(app, "/way/lost", upstream)
    assert (status, body) == (200, "answered")
    assert f"the fetch of '{upstream.url}/never' was broken off" in log


async def test_rejection_that_nobody_hears_is_logged(app: App, upstream: Upstream) -> None:
    status, body, log = await ask(app, "/way/unheard", upstream)
    assert (status, body) == (200, "answered")
    assert "unhandled rejection: TypeError: fetch of 'http://denied.example/' failed: " in log
    assert "index.js:15:" in log


async def test_fetch_goes_on_until_what_was_given_to_wait_until_is_done(app: App, upstream: Upstream) -> None:
    status, body, log = await ask(app, "/way/later", upstream)
    assert (status, body) == (200, "answered")
    assert "later: 200" in log


async def test_request_is_sent_on_as_workers_do(app: App, upstream: Upstream) -> None:
    sent = {"data": b"\xff\x00", "headers": {"X-Own": "1", "Accept-Encoding": "br"}, "method": "PUT"}
    status, body, _ = await ask(app, "/way/relay?path=/echo", upstream, **sent)
    told = json.loads(body)
    assert (status, told["method"], told["headers"]["x-own"]) == (200, "PUT", "1")
    assert base64.b64decode(told["base64"]) == b"\xff\x00"
    assert told["headers"]["host"] == upstream.url.removeprefix("http://")


async def test_redirect_goes_to_whoever_asked(app: App, upstream: Upstream) -> None:
    url = f"{app.url}/way/relay?path=/moved&to={upstream.url}"
    async with app.session.get(url, allow_redirects=False) as answer:
        assert (answer.status, answer.headers["Location"]) == (302, "/text")


async def test_packed_answer_is_sent_on_unpacked(app: App, upstream: Upstream) -> None:
    status, body, _ = await ask(app, "/way/relay?path=/packed", upstream)
    assert (status, body) == (200, '{"a": 1}')


async def test_answer_is_changed_on_its_way(app: App, upstream: Upstream) -> None:
    url = f"{app.url}/way/rewritten?to={upstream.url}"
    async with app.session.post(url, data=b"x") as answer:
        assert (answer.headers["X-By"], answer.headers["X-Upstream"]) == ("me", "yes")
        assert (await answer.json())["body"] == "x"
