"""The admin listener: what it answers, to whom, and what it never tells."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SECRET = "hunter2-swordfish"
MODULE = guest("hello.c")
CADDYFILE = f""":0 {{
	handle /f {{
		gojinn * {MODULE} {{
			env TOKEN {SECRET}
			api_key acme {SECRET}
			debug_secret {SECRET}
		}}
	}}
	respond hello
}}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    async with serve(CADDYFILE, workers=2) as app:
        await app.get()
        await app.get("/f", headers={"X-API-Key": SECRET})
        yield app


async def ask(app: App, path: str, method: str = "GET", **options: Any) -> tuple[int, dict[str, Any], str]:
    """Returns status, JSON and text."""
    async with app.session.request(method, app.admin + path, **options) as response:
        text = await response.text()
        return response.status, json.loads(text), text


async def test_status_tells_of_the_program_and_its_workers(app: App) -> None:
    status = await app.status()
    assert status["pid"] == app.pid
    assert status["config"] == str(app.caddyfile)
    assert (status["generation"], status["admin"]) == (1, app.admin)
    assert status["usage"]["rss"] > 1 << 20
    assert len(status["workers"]) == 2
    assert sum(worker["requests"] for worker in status["workers"]) >= 2
    assert all(worker["rss"] > 1 << 20 and worker["sandboxes"]["live"] == 0 for worker in status["workers"])


async def test_status_tells_of_sites_and_functions(app: App) -> None:
    status = await app.status()
    [site] = status["sites"]
    assert site["urls"] == [app.url]
    assert site["statuses"]["2xx"] >= 2
    function = status["functions"][str(MODULE)]
    assert function["seconds"]["count"] == 1
    assert function["failures"] == {}
    assert 0 < function["seconds"]["mean"] <= function["seconds"]["p99"]


async def test_config_is_the_typed_configuration(app: App) -> None:
    status, config, _ = await ask(app, "/_sys/config")
    assert status == 200
    assert config["sites"][0]["routes"][0]["directive"] == "handle"


async def test_health_counts_the_workers(app: App) -> None:
    assert (await ask(app, "/_sys/health"))[:2] == (200, {"workers": 2, "generation": 1})


@pytest.mark.parametrize("path", ["/_sys/status", "/_sys/config", "/_sys/health", "/nowhere"])
async def test_no_secret_and_no_environment_is_told(app: App, path: str) -> None:
    text = (await ask(app, path))[2]
    assert SECRET not in text
    assert "HOME" not in text


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/", 404, "not-found"),
        ("GET", "/_sys/stop", 405, "method"),
        ("GET", "/_sys/reload", 405, "method"),
        ("POST", "/_sys/status", 405, "method"),
    ],
)
async def test_everything_else_is_refused(app: App, method: str, path: str, status: int, code: str) -> None:
    found, problem, _ = await ask(app, path, method)
    assert (found, problem["code"]) == (status, code)


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b'{"config": 1}', b'{"confg": "/x"}', b'{"config": "x"}', b"\xff"]
)
async def test_a_wrong_body_is_refused(app: App, body: bytes) -> None:
    status, problem, _ = await ask(app, "/_sys/reload", "POST", data=body)
    assert (status, problem["code"]) == (400, "request")
    assert (await app.status())["generation"] == 1


async def test_a_body_without_end_is_refused(app: App) -> None:
    status, _, _ = await ask(app, "/_sys/reload", "POST", data=b" " * (1 << 20))
    assert status == 413


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "2130706433", "127.1", ""])
async def test_a_name_that_somebody_pointed_here_is_refused(app: App, host: str) -> None:
    status, problem, _ = await ask(app, "/_sys/status", headers={"Host": host})
    assert (status, problem["code"]) == (403, "denied")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:2019", "[::1]:2019", "192.0.2.7"])
async def test_addresses_and_localhost_are_answered(app: App, host: str) -> None:
    assert (await ask(app, "/_sys/status", headers={"Host": host}))[0] == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.test"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
    ],
    ids=["origin", "no origin", "cross-site", "same-origin"],
)
async def test_a_web_page_is_refused(app: App, headers: dict[str, str]) -> None:
    status, _, _ = await ask(app, "/_sys/stop", "POST", headers=headers)
    assert status == 403
    assert app.process.returncode is None


async def test_another_file_is_served_from_then_on(tmp_path: Path) -> None:
    async with serve(":0\nrespond one\n") as app:
        other = tmp_path / "Caddyfile"
        other.write_text(app.caddyfile.read_text().replace("one", "two"))
        status, answer, _ = await ask(app, "/_sys/reload", "POST", json={"config": str(other)})
        assert (status, answer["generation"]) == (200, 2)
        assert await app.get() == (200, b"two")
        other.write_text(other.read_text().replace("two", "three"))
        assert await app.reload() == 3
        assert await app.get() == (200, b"three")


async def test_a_file_that_is_not_there_changes_nothing() -> None:
    async with serve(":0\nrespond one\n") as app:
        missing = str(app.folder / "nowhere")
        status, problem, _ = await ask(app, "/_sys/reload", "POST", json={"config": missing})
        assert (status, problem["code"]) == (400, "config")
        assert missing in problem["detail"]
        assert await app.reload(":0\nrespond two\n") == 2


async def test_it_can_be_off() -> None:
    async with serve("{\n\tadmin off\n}\n:0\nrespond one\n") as app:
        assert app.admin == ""
        assert await app.get() == (200, b"one")


async def test_an_option_of_the_start_is_told_to_wait_for_the_next_one() -> None:
    async with serve(":0\nrespond one\n") as app:
        await app.reload("{\n\tgojinn {\n\t\tmax_sandboxes 7\n\t}\n}\n:0\nrespond one\n")
        await app.record("option takes effect at the next start", option="max_sandboxes")
