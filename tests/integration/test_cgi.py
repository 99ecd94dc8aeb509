"""CGI and WAGI scripts that know nothing of this host, in a whole server."""

from __future__ import annotations

import asyncio
import hashlib
import io
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import encode_basic_auth

from gojinn.testing.app import App, serve
from gojinn.testing.guests import c_guest, go_guest, rust_guest
from gojinn.testing.jobs import until

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.asyncio(loop_scope="module")]

SOURCES = Path(__file__).with_name("cgi")
BODY = os.urandom(5 << 20)

CADDYFILE = """http://127.0.0.1:0 {{
	handle_path /stripped/* {{
		gojinn /c/* {c} {{
			response cgi
		}}
	}}
	gojinn /c/* {c} {{
		response cgi
		env HTTP_X_ROLE nobody
		env DATABASE secret
	}}
	gojinn /pure/* {c} {{
		response cgi
		mount . /data ro
		args -v
	}}
	gojinn /keyed {c} {{
		response cgi
		api_key acme key-acme
	}}
	gojinn /rust/* {rust} {{
		response cgi
	}}
	gojinn /app/* {go} {{
		response cgi
	}}
}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[App]:
    modules = {
        "c": c_guest((SOURCES / "script.c").read_text()),
        "rust": rust_guest((SOURCES / "script.rs").read_text()),
        "go": go_guest((SOURCES / "server.go").read_text()),
    }
    async with serve(CADDYFILE.format(**modules), folder=tmp_path_factory.mktemp("cgi")) as app:
        yield app


async def found(app: App, target: str, **headers: str) -> list[str]:
    """What the script in C finds around it."""
    async with app.session.get(app.url + target, headers=headers) as response:
        assert response.status == 200
        return (await response.text()).split("\0")[:-1]


async def asked(app: App, head: bytes) -> bytes:
    """Sends bytes as they are; returns all that is answered."""
    host, _, port = app.url.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(head)
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def request(target: str, *fields: str) -> bytes:
    lines = (f"GET {target} HTTP/1.1", "Host: 127.0.0.1:81", "Connection: close", *fields)
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


async def test_a_script_finds_the_request_in_its_environment(app: App) -> None:
    here = await found(app, "/c/a%20b?q=1", **{"X-Role": "admin", "Authorization": "Basic YTpi"})
    port = app.url.rpartition(":")[2]
    for line in (
        *("REQUEST_METHOD=GET", "SCRIPT_NAME=/c", "PATH_INFO=/a b", "QUERY_STRING=q=1"),
        *("REQUEST_URI=/c/a%20b?q=1", "X_MATCHED_ROUTE=/c/...", "X_RAW_PATH_INFO=/a%20b"),
        *("SERVER_NAME=127.0.0.1", f"SERVER_PORT={port}", "REMOTE_ADDR=127.0.0.1"),
        *("HTTP_AUTHORIZATION=Basic YTpi", "HTTP_X_ROLE=nobody", "DATABASE=secret"),
        *("GOJINN_TENANT=default", "GOJINN_TRIGGER=http"),
    ):
        assert line in here
    assert not any(line.startswith("CONTENT_") for line in here)


async def test_nothing_of_one_request_reaches_the_next(app: App) -> None:
    async def own(number: int) -> None:
        here = await found(app, f"/c/{number}", **{f"X-Only-{number}": "1"})
        only = [line for line in here if line.startswith(("HTTP_X_ONLY", "PATH_INFO"))]
        assert sorted(only) == [f"HTTP_X_ONLY_{number}=1", f"PATH_INFO=/{number}"]

    async with asyncio.TaskGroup() as tasks:
        for number in range(50):
            tasks.create_task(own(number))


async def test_a_search_is_in_the_arguments_unless_the_function_has_its_own(app: App) -> None:
    assert (await found(app, "/c/?fresh+bread"))[:2] == ["fresh", "bread"]
    assert (await found(app, "/pure/?fresh+bread"))[:2] == ["-v", "HTTP_HOST=" + app.url[7:]]


async def test_what_was_stripped_is_the_scripts_name(app: App) -> None:
    here = await found(app, "/stripped/c/x")
    assert "SCRIPT_NAME=/stripped/c" in here
    assert "PATH_INFO=/x" in here


async def test_a_key_says_who_asks_and_is_not_told(app: App) -> None:
    here = await found(app, "/keyed", **{"X-API-Key": "key-acme"})
    assert {"REMOTE_USER=acme", "AUTH_TYPE=Bearer", "GOJINN_TENANT=acme"} <= set(here)
    assert not any("key-acme" in line for line in here)


@pytest.mark.parametrize("path", ["/c/", "/pure/", "/app/echo"])
async def test_large_bodies_of_any_bytes_pass_both_ways(app: App, path: str) -> None:
    kind = {"Content-Type": "image/x"}
    async with app.session.post(app.url + path, data=io.BytesIO(BODY), headers=kind) as response:
        body = await response.read()
    assert response.headers["Content-Type"] == "image/x"
    assert hashlib.sha256(body).digest() == hashlib.sha256(BODY).digest()


async def test_chunked_and_empty_bodies_have_their_length(app: App) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        yield b"one "
        yield b"two"

    async with app.session.post(app.url + "/c/", data=pieces()) as response:
        assert (response.status, response.headers["X-Length"]) == (201, "7")
        assert await response.read() == b"one two"
    async with app.session.post(app.url + "/c/", data=b"") as response:
        assert (response.status, response.headers["X-Length"]) == (201, "0")
        assert await response.read() == b""


async def test_head_is_answered_without_a_body(app: App) -> None:
    async with app.session.head(app.url + "/c/") as response:
        assert (response.status, await response.read()) == (200, b"")
    answer = await asked(app, request("/c/").replace(b"GET", b"HEAD", 1))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")


async def test_fields_cannot_pass_for_others_or_for_variables(app: App) -> None:
    fields = ("Proxy: http://evil", "X_Forwarded_For: evil", "X-Forwarded-For: 192.0.2.1", "x.y: evil")
    answer = await asked(app, request("/c/", *fields))
    assert b"evil" not in answer
    assert b"\0HTTP_X_FORWARDED_FOR=192.0.2.1\0" in answer


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        (["X-A: a\0b"], b"400"),
        (["X-A: a\rb"], b"400"),
        (["X-A\0: b"], b"400"),
        (["X-Large: " + "a" * 100_000], b"431"),
        ([f"X-{number}: b" for number in range(5000)], b"431"),
        ([f"X-{number}: b" for number in range(90)], b"200"),
        (["X-A: \udcff\udcfe"], b"200"),
    ],
)
async def test_hostile_fields_are_refused_or_passed_on(app: App, fields: list[str], status: bytes) -> None:
    answer = await asked(app, request("/c/", *fields))
    assert answer.split(b" ")[1] == status
    assert (await found(app, "/c/"))[-1]  # and the server lives


async def test_paths_hold_no_end_of_text(app: App) -> None:
    answer = await asked(app, request("/rust/a%00b%ff/../c%0Ad"))
    assert b"PATH_INFO = /c\nd\n" in answer
    answer = await asked(app, request("/rust/a%00b%ff"))
    assert "PATH_INFO = /a\ufffdb\ufffd\n".encode() in answer


async def test_an_application_on_gos_cgi_runs_as_it_is(app: App) -> None:
    form, fields = {"name": "Ada"}, {"Authorization": encode_basic_auth("ada", "s3cret")}
    async with app.session.post(app.url + "/app/form?page=3", data=form, headers=fields) as response:
        assert await response.text() == f"POST {app.url[7:]} Ada 3 ada:s3cret"
    async with app.session.get(app.url + "/app/moved", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (303, "/app/form?page=2")
        assert response.headers["Set-Cookie"] == "seen=1"
    async with app.session.get(app.url + "/app/nowhere") as response:
        assert response.status == 404


async def test_a_module_for_wagi_runs_as_it_is(app: App) -> None:
    async with app.session.get(app.url + "/rust/a?50") as response:
        text = await response.text()
    assert (response.status, response.content_type) == (200, "text/plain")
    for line in ("X_MATCHED_ROUTE = /rust/...", f"X_FULL_URL = {app.url}/rust/a?50", "arg: 50"):
        assert line in text.splitlines()


async def test_a_job_is_in_the_environment_too(app: App) -> None:
    fields = {"X-Gojinn-Async": "true", "X-Tag": "1"}
    async with app.session.post(app.url + "/c/a?b", data=b"x", headers=fields) as response:
        id = response.headers["X-Gojinn-Job-ID"]

    async def ask() -> str | None:
        async with app.session.get(f"{app.admin}/_sys/jobs/{id}") as answer:
            record = await answer.json(content_type=None)
        return record["body"] if record.get("state") == "done" else None

    here = (await until(ask)).split("\0")
    for line in (
        *("REQUEST_METHOD=ASYNC", "PATH_INFO=/c/a", "SCRIPT_NAME=", "QUERY_STRING=b", "CONTENT_LENGTH=1"),
        *("GOJINN_TRIGGER=async", "GOJINN_ATTEMPT=1", f"HTTP_X_GOJINN_JOB_ID={id}", "HTTP_X_TAG=1"),
    ):
        assert line in here
