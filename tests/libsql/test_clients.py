"""Real clients, unmodified: what they promise holds with our server, whichever worker they reach."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from gojinn.testing.app import App, serve

RunCases = Callable[..., Awaitable[dict[str, str | None]]]

SITE = """
http://localhost:0 {
	handle_path /db/* {
		libsql ./notes.db {
			auth_token secret
			read_only_token looking
			query_timeout 4s
			idle_timeout 1s
		}
	}
	libsql ./notes.db {
		auth_token secret
		read_only_token looking
		query_timeout 4s
		idle_timeout 1s
	}
}
"""

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    """Two workers that serve a database: streams over HTTP are passed on between them."""
    async with serve(SITE, workers=2) as app:
        yield app


def websocket(url: str) -> str:
    return url.replace("http://", "ws://")


async def test_libsql_client_over_http(app: App, run_cases: RunCases) -> None:
    assert await run_cases("client.mjs", app.url, "secret", "looking") == {}


async def test_libsql_client_over_websocket(app: App, run_cases: RunCases) -> None:
    assert await run_cases("client.mjs", websocket(app.url), "secret", "looking") == {}


@pytest.mark.parametrize("address", [str, websocket], ids=["http", "ws"])
async def test_drizzle(app: App, run_cases: RunCases, address: Callable[[str], str]) -> None:
    assert await run_cases("drizzle.mjs", address(app.url) + "/db/", "secret") == {}


async def test_serverless_driver_with_cursors(app: App, run_cases: RunCases) -> None:
    assert await run_cases("serverless.mjs", app.url + "/db/", "secret") == {}


async def test_python_libsql(app: App, run_cases: RunCases) -> None:
    assert await run_cases("remote.py", app.url, "secret") == {}


@pytest.mark.parametrize("address", [str, websocket], ids=["http", "ws"])
async def test_python_libsql_client(app: App, run_cases: RunCases, address: Callable[[str], str]) -> None:
    assert await run_cases("async_client.py", address(app.url), "secret") == {}


@pytest.mark.parametrize("address", [str, websocket], ids=["http", "ws"])
async def test_hrana_client_in_protobuf(app: App, run_cases: RunCases, address: Callable[[str], str]) -> None:
    assert await run_cases("hrana.mjs", address(app.url) + "/db/", "secret") == {}
