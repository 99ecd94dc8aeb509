"""Access logs of real requests: what a line says, what it hides, where it goes."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gojinn.config.model import Address, Config, Log, Route, Site
from gojinn.edge.access_log import Stamp
from gojinn.edge.message import Request, Response
from gojinn.errors import Denied, StartError
from gojinn.testing.edge import CallConfig, Serve, hello, until


def logged(handler: Any, *logs: Log) -> Config:
    """Makes a configuration whose site has access logs."""
    return Config(sites=(Site((Address("http", "", 80),), (Route("call", CallConfig(handler)),), logs=logs),))


async def lines(path: Path, count: int) -> list[dict[str, Any]]:
    """Waits until a log has some lines and reads them."""
    await until(lambda: read(path).count(b"\n") >= count)
    return [json.loads(line) for line in read(path).splitlines()]


def read(path: Path) -> bytes:
    """Reads what a log holds by now."""
    return path.read_bytes() if path.exists() else b""


async def test_line_says_who_asked_what_and_how_it_ended(serve: Serve, tmp_path: Path) -> None:
    server = await serve(logged(hello, Log(output=str(tmp_path / "log"))))
    client = await server.connect()
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    await client.get("/a%20b?c=d", host="x.com:81", User_Agent="test", Traceparent=parent)
    [line] = await lines(tmp_path / "log", 1)
    assert line.pop("time").endswith("Z")
    assert 0 <= line.pop("duration") < 5
    assert line["request"].pop("remote_port") > 0
    assert line == {
        "level": "info",
        "logger": "gojinn.access",
        "msg": "handled request",
        "site": "http://:80",
        "request": {
            "remote_ip": "127.0.0.1",
            "client_ip": "127.0.0.1",
            "proto": "HTTP/1.1",
            "method": "GET",
            "host": "x.com:81",
            "uri": "/a%20b?c=d",
            "headers": {"User-Agent": ["test"]},
        },
        "status": 200,
        "size": 5,
        "trace_id": "0af7651916cd43dd8448eb211c80319c",
    }


async def test_secrets_are_masked(serve: Serve, tmp_path: Path) -> None:
    client = await (await serve(logged(hello, Log(output=str(tmp_path / "log"))))).connect()
    secret = "hunter2"
    await client.get(
        Authorization=secret,
        Cookie=secret,
        X_Api_Key=secret,
        X_Gojinn_Debug=secret,
        Proxy_Authorization=secret,
    )
    [line] = await lines(tmp_path / "log", 1)
    assert secret not in (tmp_path / "log").read_text()
    assert line["request"]["headers"]["Authorization"] == ["REDACTED"]


async def test_rewrites_do_not_show(serve: Serve, tmp_path: Path) -> None:
    async def handler(request: Request) -> Response:
        request.path, request.method = "/other", "PUT"
        return await hello(request)

    client = await (await serve(logged(handler, Log(output=str(tmp_path / "log"))))).connect()
    await client.get("/mine")
    [line] = await lines(tmp_path / "log", 1)
    assert (line["request"]["uri"], line["request"]["method"]) == ("/mine", "GET")


async def test_problem_tenant_and_function_are_named(serve: Serve, tmp_path: Path) -> None:
    async def handler(request: Request) -> Response:
        request.tenant, request.function = "acme", "resize"
        raise Denied("no")

    client = await (await serve(logged(handler, Log(output=str(tmp_path / "log"))))).connect()
    problem = json.loads((await client.get()).body)
    [line] = await lines(tmp_path / "log", 1)
    assert (line["tenant"], line["function"], line["problem"]) == ("acme", "resize", problem["id"])
    assert (line["status"], line["trace_id"]) == (403, problem["trace_id"])


async def test_client_that_left_is_499(serve: Serve, tmp_path: Path) -> None:
    server = await serve(logged(lambda request: request.body.read(), Log(output=str(tmp_path / "log"))))
    client = await server.connect()
    await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n")
    await until(lambda: server.edge.tenure.active == 1)
    await client.close()
    [line] = await lines(tmp_path / "log", 1)
    assert line["status"] == 499


async def test_level_leaves_out_what_is_not_an_error(serve: Serve, tmp_path: Path) -> None:
    async def handler(request: Request) -> Response:
        return Response(int(request.query), request.answer)

    client = await (await serve(logged(handler, Log(output=str(tmp_path / "log"), level="ERROR")))).connect()
    for status in (200, 404, 500):
        await client.get(f"/?{status}")
    assert [(line["status"], line["level"]) for line in await lines(tmp_path / "log", 1)] == [(500, "error")]


async def test_console_lines_are_for_people(serve: Serve, tmp_path: Path) -> None:
    client = await (await serve(logged(hello, Log(output=str(tmp_path / "log"), format="console")))).connect()
    await client.get('/"x"')
    await until(lambda: (tmp_path / "log").stat().st_size > 0)
    assert '127.0.0.1 localhost "GET /\\"x\\"" 200 5B' in (tmp_path / "log").read_text()


async def test_site_may_have_several_logs(serve: Serve, tmp_path: Path) -> None:
    client = await (
        await serve(logged(hello, *(Log(output=str(tmp_path / name)) for name in "ab")))
    ).connect()
    await client.get()
    assert [len(await lines(tmp_path / name, 1)) for name in "ab"] == [1, 1]


async def test_discarded_log_writes_nothing(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    client = await (await serve(logged(hello, Log(output="discard")))).connect()
    assert (await client.get()).status == 200
    assert os.listdir(tmp_path) == []


async def test_log_that_cannot_be_opened_fails_the_start(serve: Serve) -> None:
    with pytest.raises(StartError, match="cannot open log file"):
        await serve(logged(hello, Log(output="/proc/none/log")))


async def test_last_lines_are_written_when_the_log_is_left(serve: Serve, tmp_path: Path) -> None:
    server = await serve(logged(hello, Log(output=str(tmp_path / "log"))))
    client = await server.connect()
    for _ in range(100):
        await client.get()
    await server.edge.drain(1)
    await server.stack.aclose()
    assert (tmp_path / "log").read_bytes().count(b"\n") == 100


def test_stamp_is_iso_with_milliseconds() -> None:
    stamp = Stamp()
    assert len(stamp.now()) == len("2026-01-01T00:00:00.000Z")
    assert stamp.now() <= stamp.now()
