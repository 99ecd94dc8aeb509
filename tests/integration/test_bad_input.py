"""Names, sizes and bodies that nobody expects, through every way into a whole server: each is kept exactly or
refused with a reason, and nothing reaches another tenant's or key's place."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from yarl import URL

from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest
from gojinn.testing.records import over

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.asyncio(loop_scope="module")]

NAMES = [
    "a.b",
    "a.*",
    "*",
    ">",
    "a.>",
    " a b ",
    "$KV.x",
    "=2E",
    "a=b",
    "ä/ö",
    "..",
    "\t",
    "\x00",
    "%2F",
    "k" * 1000,
]
"""Keys that mean something to NATS, to URLs or to our own spelling."""
TOO_LONG = ["k" * 1025, "k" * 10_000, "ä" * 600]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    """A server with a function that can be called later."""
    async with serve(f":0 {{\n\tgojinn * {guest('envelope')}\n}}\n") as app:
        yield app


async def ask(app: App, method: str, path: str, data: bytes = b"") -> tuple[int, Any]:
    url = f"{app.admin}/_sys/{path}"
    async with app.session.request(method, URL(url, encoded=True), data=data) as response:
        return response.status, await response.json(content_type=None)


def place(key: str, tenant: str = "default") -> str:
    return f"kv/{quote(tenant, safe='')}/{quote(key, safe='')}"


async def test_any_name_is_a_key_of_its_own(app: App) -> None:
    for number, key in enumerate(NAMES):
        status, written = await ask(app, "PUT", place(key), str(number).encode())
        assert (status, written["key"]) == (200, key)
    for number, key in enumerate(NAMES):
        assert (await ask(app, "GET", place(key)))[1]["value"] == str(number)
    listed = (await ask(app, "GET", "kv/default?limit=1000"))[1]["keys"]
    assert {each["key"] for each in listed} == set(NAMES)


async def test_any_name_is_a_tenant_of_its_own(app: App) -> None:
    for tenant in ["*", ">", "a.b", "a b", "sys", "=2A"]:
        status, written = await ask(app, "PUT", place("mine", tenant), tenant.encode())
        assert status == 200, written
        listed = (await ask(app, "GET", f"kv/{quote(tenant, safe='')}"))[1]["keys"]
        assert [each["key"] for each in listed] == ["mine"]


@pytest.mark.parametrize("key", TOO_LONG, ids=len)
async def test_a_key_that_is_too_long_is_refused(app: App, key: str) -> None:
    status, problem = await ask(app, "PUT", place(key), b"x")
    assert status in (413, 414, 431)
    assert "long" in problem["detail"] or "large" in problem["detail"]


async def test_a_value_that_is_too_large_is_refused(app: App) -> None:
    assert (await ask(app, "PUT", place("big"), bytes(1_000_000)))[0] == 200
    status, problem = await ask(app, "PUT", place("big2"), bytes(1_000_001))
    assert (status, problem["code"]) == (413, "limit")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"\x00\xff", b"null", b"[" * 5000, "ä".encode("utf-16")], ids=repr
)
async def test_a_body_that_is_no_json_reaches_the_function_as_it_is(app: App, body: bytes) -> None:
    async with app.session.post(app.url, data=body, headers={"X-Gojinn-Async": "true"}) as response:
        assert response.status == 202
        job = await over(app, (await response.json())["job"])
    envelope = json.loads(job["body"])
    given = envelope["body"]
    if envelope.get("body_encoding") == "base64":
        assert base64.b64decode(given) == body
    else:
        assert given.encode() == body


async def test_a_body_that_no_job_can_have_is_refused(app: App) -> None:
    headers = {"X-Gojinn-Async": "true"}
    async with app.session.post(app.url, data=io.BytesIO(bytes(3_000_000)), headers=headers) as response:
        assert response.status == 413


@pytest.mark.parametrize("id", ["*", ">", "a.b", "%00", "x" * 3000], ids=lambda id: id[:4])
async def test_a_job_id_that_cannot_be_is_not_found(app: App, id: str) -> None:
    status, _ = await ask(app, "GET", f"jobs/{id if id == '%00' else quote(id, safe='')}")
    assert status in (400, 404, 413)


@pytest.mark.parametrize("key", ["a.*", ">", " a b ", "ä/ö"])
async def test_commands_take_any_name(app: App, key: str) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gojinn", "kv", "put", key, "by command"),
        *("--address", app.admin.removeprefix("http://")),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=asyncio.subprocess.PIPE,
    )
    await process.communicate()
    assert process.returncode == 0
    assert (await ask(app, "GET", place(key)))[1]["value"] == "by command"
