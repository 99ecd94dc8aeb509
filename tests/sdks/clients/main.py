"""A function that asks another server with whatever Python has for that, `test_python_http` says what.

`requests` is imported where it is used: loading it can take longer than a build on a busy machine may.
"""

import asyncio
import http.client
import http.cookiejar
import json
import socket
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

from gojinn_sdk import Request, Response
from gojinn_sdk import http as sdk

BINARY = bytes(range(256)) * 20_000


def handle(request: Request) -> Response:
    """Does what is asked at the path; `at` is the server's address."""
    try:
        return Response.json(ACTIONS[request.path](request.query["at"]))
    except Exception as error:  # noqa: BLE001, the test looks at what it is
        return Response.json(f"{type(error).__name__}: {error}", 400)


def fetched(at: str) -> Any:
    given = {"X-A": ["1", "2"], "X-B": "b"}
    answer = sdk.post(f"{at}/echo?a=1", json={"ä": 1}, params={"b": ["2", "3"]}, headers=given)
    heard = answer.json()
    missing = sdk.get(f"{at}/status/404")
    try:
        missing.raise_for_status()
    except sdk.StatusError as error:
        said = [str(error).endswith("/status/404 answered with status 404"), error.answer.status]
    moved = sdk.get(f"{at}/moved")
    stayed = sdk.get(f"{at}/moved", redirect="manual")
    latin = sdk.get(f"{at}/latin")
    return {
        "heard": [heard["uri"], heard["body"], heard["headers"]["x-a"], heard["headers"]["content-type"]],
        "cookies": answer.headers.all("set-cookie"),
        "missing": [missing.ok, *said],
        "moved": [moved.ok, moved.redirected, moved.url.endswith("/echo")],
        "stayed": [stayed.status, stayed.redirected, stayed.headers["location"]],
        "latin": latin.text(),
        "removed": sdk.delete(f"{at}/echo").json()["method"],
    }


def wrong(at: str) -> Any:
    tries: list[Callable[[], Any]] = [
        lambda: sdk.get("/path"),
        lambda: sdk.get(5),  # type: ignore[arg-type]
        lambda: sdk.fetch(at, method="GE T"),
        lambda: sdk.fetch(at, headers={"a": 1}),  # type: ignore[dict-item]
        lambda: sdk.fetch(at, headers={"a": "1\n2"}),
        lambda: sdk.post(at, {"a": 1}),  # type: ignore[arg-type]
        lambda: sdk.post(at, "a", json=1),
        lambda: sdk.get(at, timeout=0),
        lambda: sdk.get(at, redirect="never"),  # type: ignore[arg-type]
        lambda: sdk.get(at, verify=False),  # type: ignore[call-arg]
    ]
    return [told(each) for each in tries]


def told(action: Callable[[], Any]) -> str:
    """What is said of something that does not work."""
    try:
        return f"worked: {action()}"
    except Exception as error:  # noqa: BLE001, the test looks at what it is
        return f"{type(error).__name__}: {error}"


def together(at: str) -> Any:
    """The server answers none of these before it has both."""
    plain = [sdk.start(f"{at}/meet/2/plain") for _ in range(2)]
    found = [each.answer().text() for each in plain]

    async def both() -> list[Any]:
        return await asyncio.gather(*(sdk.start(f"{at}/meet/2/tasks") for _ in range(2)))

    async def streams() -> Any:
        return await asyncio.gather(*(asyncio.create_task(raw(f"{at}/meet/2/streams")) for _ in range(2)))

    found += [each.text() for each in asyncio.run(both())]
    return found + asyncio.run(streams())


async def raw(url: str) -> str:
    """Asks over a connection of asyncio's."""
    _, _, host, path = url.split("/", 3)
    name, _, port = host.partition(":")
    reader, writer = await asyncio.open_connection(name, int(port))
    writer.write(f"GET /{path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    await writer.drain()
    _, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    return body.decode()


def late(at: str) -> Any:
    import requests

    async def within() -> Any:
        async with asyncio.timeout(0.2):
            return await sdk.start(f"{at}/never")

    pending = sdk.start(f"{at}/never")
    waits = [told(lambda: pending.answer(timeout=0.2))]
    pending.cancel()
    waits += [told(lambda: sdk.get(f"{at}/never", timeout=0.2)), told(lambda: asyncio.run(within()))]
    waits.append(told(lambda: urllib.request.urlopen(f"{at}/never", timeout=0.2)))
    return [*waits, told(lambda: requests.get(f"{at}/never", timeout=(0.1, 0.2))).partition("(")[0]]


def by_urllib(at: str) -> Any:
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    sent = urllib.request.Request(f"{at}/echo?a=1", b"\xff\x00", {"X-A": "1"}, method="PUT")
    with opener.open(sent) as answer:
        heard = json.load(answer)
    with opener.open(f"{at}/moved") as moved:
        second = json.load(moved)
        where = moved.url.endswith("/echo")
    try:
        urllib.request.urlopen(f"{at}/status/404")
    except urllib.error.HTTPError as error:
        missing = [error.code, error.reason, error.read().decode()]
    with urllib.request.urlopen(f"{at}/packed") as packed:
        plain = packed.read().decode()
    return {
        "heard": [heard["method"], heard["uri"], heard["body"], heard["headers"]["x-a"]],
        "cookies": sorted(each.name for each in jar),
        "second": [where, second["headers"]["cookie"]],
        "missing": missing,
        "packed": plain,
    }


def by_connection(at: str) -> Any:
    connection = http.client.HTTPConnection(at.removeprefix("http://"))
    found: list[Any] = []
    for method, path, body in (
        ("HEAD", "/echo", None),
        ("GET", "/status/204", None),
        ("POST", "/echo", "text"),
    ):
        connection.request(method, path, body)
        answer = connection.getresponse()
        found.append([answer.status, answer.read().decode()[:10]])
    connection.request("POST", "/echo", iter([b"one", b"", b"two"]), encode_chunked=True)
    found.append(json.load(connection.getresponse())["body"])
    connection.putrequest("POST", "/echo")
    for name, value in (("Content-Length", "3"), ("Expect", "100-continue")):
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(b"abc")
    found.append(json.load(connection.getresponse())["body"])
    return found


def by_requests(at: str) -> Any:
    import requests

    session = requests.Session()
    heard = session.post(f"{at}/echo", params={"a": "ä"}, json={"b": 1}, auth=("ada", "secret")).json()
    second = session.get(f"{at}/moved")
    streamed = requests.get(f"{at}/binary", stream=True)
    pieces = list(streamed.iter_content(1 << 20))
    packed = requests.get(f"{at}/packed")
    part = {"file": ("a.txt", b"content")}
    return {
        "heard": [heard["uri"], heard["body"], heard["headers"]["authorization"]],
        "second": [second.json()["headers"]["cookie"], [each.status_code for each in second.history]],
        "streamed": [len(pieces), b"".join(pieces) == BINARY],
        "packed": [packed.text, packed.headers["content-encoding"]],
        "parts": "content" in requests.put(f"{at}/echo", files=part).json()["body"],
        "unchecked": told(lambda: requests.get("https://127.0.0.1/", verify=False)),
        "missing": told(requests.get(f"{at}/status/404").raise_for_status)[:27],
    }


def large(at: str) -> Any:
    """Five megabytes both ways, and more than goes into a message."""
    import requests

    posted = urllib.request.Request(f"{at}/back", BINARY)
    return {
        "sdk": sdk.put(f"{at}/back", BINARY).body == BINARY,
        "urllib": urllib.request.urlopen(posted).read() == BINARY,
        "requests": requests.post(f"{at}/back", data=BINARY).content == BINARY,
        "text": sdk.put(f"{at}/back", '"\n' * 1_000_000).text() == '"\n' * 1_000_000,
        "too much": [
            told(lambda: sdk.post(f"{at}/back", b"\xff" * 7_000_000)),
            told(lambda: urllib.request.urlopen(f"{at}/back", b"\xff" * 7_000_000)),
            told(lambda: sdk.get(f"{at}/huge")),
        ],
    }


def denied(at: str) -> Any:
    import requests

    async def stream() -> Any:
        return await raw("http://other.test:80/")

    return [
        told(lambda: sdk.get("https://other.test/")),
        told(lambda: sdk.start("https://other.test/").answer()),
        told(lambda: urllib.request.urlopen("https://other.test/")),
        told(lambda: requests.get("https://other.test/")),
        told(lambda: asyncio.run(stream())),
    ]


def refused(at: str) -> Any:
    """Other protocols, servers that are none, and what the host does not do of TLS."""
    host, _, port = at.removeprefix("http://").partition(":")

    def spoken(first: bytes) -> bytes:
        with socket.create_connection((host, int(port))) as connection:
            if first:
                connection.sendall(first)
            return connection.recv(100)

    def trusting(authority: str) -> Any:
        context = ssl.create_default_context(cadata=authority)
        return urllib.request.urlopen("https://localhost/", context=context)

    return [
        told(lambda: spoken(b"*1\r\n$4\r\nPING\r\n")),
        told(lambda: spoken(b"")),
        told(lambda: socket.create_server(("", 0))),
        told(lambda: socket.gethostbyname("localhost")),
        told(lambda: trusting("-----BEGIN CERTIFICATE-----")),
        told(lambda: urllib.request.urlopen("http://localhost:1/")),
        told(
            lambda: http.client.HTTPConnection(host, int(port)).request("GET", "/", headers={"Host": "other"})
        ),
    ]


def secure(at: str) -> Any:
    import requests

    return [
        sdk.get(f"{at}/echo").json()["method"],
        json.load(urllib.request.urlopen(f"{at}/echo"))["method"],
        requests.get(f"{at}/echo").json()["method"],
    ]


def untrusted(at: str) -> Any:
    import requests

    return [
        told(lambda: sdk.get(f"{at}/echo")),
        told(lambda: urllib.request.urlopen(f"{at}/echo")),
        told(lambda: requests.get(f"{at}/echo")).partition("(")[0],
    ]


ACTIONS: dict[str, Callable[[str], Any]] = {
    f"/{each.__name__}": each
    for each in (
        *(fetched, wrong, together, late, by_urllib, by_connection, by_requests, large, denied, refused),
        *(secure, untrusted),
    )
}
