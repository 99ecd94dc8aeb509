"""Asking other servers in Python: by the SDK, and by what programs already use, `requests` among them.

One function does all of it (`clients/main.py`), for a server beside it. httpx and others are tried with the
packages in `benchmarks/packages`.
"""

from __future__ import annotations

import asyncio
import gzip
import importlib.metadata
import importlib.util
import json
import shutil
import ssl
import subprocess
import zipfile
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from gojinn.build.compile import build
from gojinn.build.languages import read
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

FUNCTION = Path(__file__).with_name("clients") / "main.py"
PACKAGES = ("requests", "urllib3", "certifi", "idna", "charset_normalizer")
PLAIN = (
    *("fetched", "wrong", "together", "late", "by_urllib", "by_connection", "by_requests", "large"),
    *("denied", "refused"),
)
"""Actions of the function that need no TLS."""
BINARY = bytes(range(256)) * 20_000


class Server:
    """A server that tells what it hears, and does what clients have to bear."""

    def __init__(self) -> None:
        self.ended = asyncio.Event()
        self.meetings: dict[str, int] = defaultdict(int)
        self.met: dict[str, asyncio.Event] = defaultdict(asyncio.Event)
        self.app = web.Application(client_max_size=32 << 20)
        for path, handler in (
            ("/echo", self.echo),
            ("/status/{number}", self.status),
            ("/moved", self.moved),
            ("/latin", self.latin),
            ("/meet/{number}/{name}", self.meet),
            ("/never", self.never),
            ("/packed", self.packed),
            ("/binary", self.binary),
            ("/back", self.back),
            ("/huge", self.huge),
        ):
            self.app.router.add_route("*", path, handler)

    async def echo(self, request: web.Request) -> web.Response:
        fields: dict[str, str] = {}
        for name, value in request.headers.items():
            fields[name.lower()] = ",".join(filter(None, (fields.get(name.lower()), value)))
        body = (await request.read()).decode("latin-1")
        told = {"method": request.method, "uri": request.path_qs, "headers": fields, "body": body}
        answer = web.json_response(told)
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        return answer

    async def status(self, request: web.Request) -> web.Response:
        number = int(request.match_info["number"])
        return web.Response(status=number, text=None if number == 204 else "told")

    async def moved(self, request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": "/echo", "Set-Cookie": "moved=1"})

    async def latin(self, request: web.Request) -> web.Response:
        return web.Response(body=b"caf\xe9", content_type="text/plain", charset="iso-8859-1")

    async def meet(self, request: web.Request) -> web.Response:
        """Answers once there are so many."""
        name = request.match_info["name"]
        self.meetings[name] += 1
        if self.meetings[name] == int(request.match_info["number"]):
            self.met[name].set()
        await self.met[name].wait()
        return web.Response(text="met")

    async def never(self, request: web.Request) -> web.Response:
        """Answers when the server is ended."""
        await self.ended.wait()
        return web.Response()

    async def packed(self, request: web.Request) -> web.Response:
        if "gzip" not in request.headers.get("Accept-Encoding", ""):
            return web.Response(text="plain")
        return web.Response(body=gzip.compress(b"packed"), headers={"Content-Encoding": "gzip"})

    async def binary(self, request: web.Request) -> web.Response:
        return web.Response(body=BINARY)

    async def back(self, request: web.Request) -> web.Response:
        return web.Response(body=await request.read())

    async def huge(self, request: web.Request) -> web.Response:
        return web.Response(body=bytes(7_000_000))


@asynccontextmanager
async def listening(tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """Serves; yields the port."""
    server = Server()
    runner = web.AppRunner(server.app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        yield runner.addresses[0][1]
    finally:
        server.ended.set()
        await runner.cleanup()


def certified(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    """Makes a certificate for `localhost`, and what a server needs of it."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    options = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost"
    names = ["-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *options.split(), *names], check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context


def packed(folder: Path, name: str) -> str:
    """Makes a wheel of a package as it is installed here, without what is compiled; its requirement."""
    found = importlib.util.find_spec(name)
    assert found is not None
    assert found.origin is not None
    package, version = Path(found.origin).parent, importlib.metadata.version(name)
    wheel, info = f"{name}-{version}-py3-none-any.whl", f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / wheel, "w") as file:
        for path in package.rglob("*.*"):
            if path.suffix not in (".so", ".pyc"):
                file.write(path, path.relative_to(package.parent))
        file.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", "")
    return f"./{wheel}\n"


def function(folder: Path) -> Path:
    """Makes the function's folder."""
    requirements = "".join(packed(folder, name) for name in PACKAGES)
    (folder / "requirements.txt").write_text(f"--no-index\n{requirements}")
    shutil.copy(FUNCTION, folder)
    return folder


@pytest.fixture(scope="module")
def module(tmp_path_factory: pytest.TempPathFactory, need_interpreter: Callable[[str], None]) -> Path:
    """The function, built."""
    need_interpreter("python")
    folder = function(tmp_path_factory.mktemp("clients"))
    return asyncio.run(build(read(folder))).project.output


@pytest.fixture(scope="module")
def said(module: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the function says of each of its actions."""
    return asyncio.run(asked(module, tmp_path_factory.mktemp("certified")))


async def asked(module: Path, folder: Path) -> dict[str, Any]:
    """Has the function ask a server in the clear, by TLS, and by TLS that nobody trusts."""
    trusted, tls = certified(folder, "trusted")
    _, unknown = certified(folder, "unknown")
    options = "timeout 60s\n\t\tmemory_limit 256MB\n\t\tallow_host localhost 127.0.0.1"
    text = f":0 {{\n\tgojinn * {module} {{\n\t\t{options}\n\t}}\n}}\n"
    async with (
        listening() as plain,
        listening(tls) as secure,
        listening(unknown) as untrusted,
        serve(text, env={"SSL_CERT_FILE": str(trusted)}) as app,
    ):
        found = {name: await answer(app, name, f"http://127.0.0.1:{plain}") for name in PLAIN}
        for name, port in (("secure", secure), ("untrusted", untrusted)):
            found[name] = await answer(app, name, f"https://localhost:{port}")
    return found


async def answer(app: App, name: str, at: str) -> Any:
    """What the function says of one of them."""
    status, body = await app.get(f"/{name}", params={"at": at})
    assert status == 200, body
    return json.loads(body)


def test_fetch_sends_what_is_given_and_tells_what_is_answered(said: dict[str, Any]) -> None:
    told = said["fetched"]
    assert told["heard"] == [
        "/echo?a=1&b=2&b=3",
        '{"ä":1}'.encode().decode("latin-1"),
        "1,2",
        "application/json",
    ]
    assert told["cookies"] == ["a=1", "b=2"]
    assert (told["latin"], told["removed"]) == ("café", "DELETE")


def test_fetch_follows_redirects_unless_told(said: dict[str, Any]) -> None:
    assert said["fetched"]["moved"] == [True, True, True]
    assert said["fetched"]["stayed"] == [302, False, "/echo"]


def test_any_status_is_an_answer_until_it_is_raised(said: dict[str, Any]) -> None:
    assert said["fetched"]["missing"] == [False, True, 404]


def test_wrong_arguments_are_told_with_what_was_given(said: dict[str, Any]) -> None:
    expected = (
        "ValueError: the address is '/path', expected one that begins with 'https://' or 'http://'",
        "TypeError: the address is 5 (int), expected a str",
        "ValueError: the method is 'GE T', expected a word such as 'GET'",
        "TypeError: the header field 'a' is 1, expected a str or a list of them",
        r"ValueError: the header field 'a' is '1\n2', expected one line",
        "TypeError: the body is {'a': 1} (dict), expected str or bytes",
        "TypeError: both 'body' and 'json' are given",
        "ValueError: the timeout is 0, expected seconds above 0",
        "ValueError: 'redirect' is 'never', expected 'follow', 'manual' or 'error'",
        "TypeError: fetch() got an unexpected keyword argument 'verify'",
    )
    for told, begin in zip(said["wrong"], expected, strict=True):
        assert told.startswith(begin)


def test_requests_are_under_way_side_by_side(said: dict[str, Any]) -> None:
    assert said["together"] == ["met"] * 6


def test_what_takes_too_long_is_a_timeout_in_each_clients_words(said: dict[str, Any]) -> None:
    kinds = [told.partition(":")[0] for told in said["late"]]
    assert kinds == ["Timeout", "Timeout", "TimeoutError", "TimeoutError", "ReadTimeout"]


def test_urllib_works_as_elsewhere(said: dict[str, Any]) -> None:
    assert said["by_urllib"] == {
        "heard": ["PUT", "/echo?a=1", "\xff\0", "1"],
        "cookies": ["a", "b", "moved"],
        "second": [True, "a=1; b=2; moved=1"],
        "missing": [404, "Not Found", "told"],
        "packed": "plain",
    }


def test_connection_of_http_client_is_asked_again_and_again(said: dict[str, Any]) -> None:
    assert said["by_connection"] == [[200, ""], [204, ""], [200, '{"method":'], "onetwo", "abc"]


def test_requests_of_pypi_works_as_elsewhere(said: dict[str, Any]) -> None:
    told = said["by_requests"]
    assert told["heard"] == ["/echo?a=%C3%A4", '{"b": 1}', "Basic YWRhOnNlY3JldA=="]
    assert told["second"] == ["a=1; b=2; moved=1", [302]]
    assert told["streamed"] == [5, True]
    assert told["packed"] == ["packed", "gzip"]
    assert told["parts"] is True
    assert told["missing"] == "HTTPError: 404 Client Error"


def test_large_bodies_survive_both_ways_and_larger_ones_are_told(said: dict[str, Any]) -> None:
    told = said["large"]
    assert [told[name] for name in ("sdk", "urllib", "requests", "text")] == [True] * 4
    sdk, urllib, answered = told["too much"]
    assert sdk.startswith("LimitReached: http.fetch: the request is larger than the 8 MiB")
    assert "the request is larger than the 8 MiB" in urllib
    assert answered.startswith("TooLarge: ")


def test_denial_names_the_line_to_add_in_every_client(said: dict[str, Any]) -> None:
    kinds = [told.partition(":")[0] for told in said["denied"]]
    assert kinds == ["Denied", "Denied", "URLError", "ConnectionError", "PermissionError"]
    assert all("add the line 'allow_host other.test' to its block" in told for told in said["denied"])


def test_what_is_no_request_of_http_is_refused_with_its_reason(said: dict[str, Any]) -> None:
    expected = (
        "OSError: only HTTP/1.1 leaves a sandbox",
        "OSError: only HTTP/1.1 leaves a sandbox",
        "OSError: a function cannot listen",
        "gaierror: [Errno 4] 'localhost' is not looked up in a sandbox",
        "SSLError: the host trusts the public authorities",
        "URLError: <urlopen error http://localhost:1 refuses connections",
        "OSError: the field 'Host' is 'other'",
    )
    for told, begin in zip(said["refused"], expected, strict=True):
        assert told.startswith(begin)
    assert "take 'verify=False' or its like out" in said["by_requests"]["unchecked"]


def test_host_checks_certificates(said: dict[str, Any]) -> None:
    assert said["secure"] == ["GET"] * 3
    sdk, urllib, requests = said["untrusted"]
    assert sdk.startswith("Unavailable: the certificate of https://localhost:")
    assert urllib.startswith("URLError: <urlopen error the certificate of https://localhost:")
    assert requests == "SSLError: HTTPSConnectionPool"
