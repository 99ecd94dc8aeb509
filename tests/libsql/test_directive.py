"""The `libsql` directive in a site: where it answers, whom it lets in, what it leaves to others."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from gojinn.testing.app import App, serve
from gojinn.testing.libsql import Hrana, execute

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

SITE = """
http://localhost:0 {
	handle_path /db/* {
		libsql ./one.db {
			auth_token secret
		}
	}
	handle /raw/* {
		libsql ./one.db {
			auth_token secret
		}
	}
	handle /open/* {
		libsql ./open.db {
			no_auth
		}
	}
	handle {
		respond /hello "hello"
		libsql ./two.db {
			auth_token secret
			read_only_token looking
		}
	}
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    async with serve(SITE) as app:
        yield app


async def test_a_database_is_found_below_any_path(app: App) -> None:
    await Hrana(app, "/db").result(execute("create table t (a)"))
    await Hrana(app, "/db").result(execute("insert into t values (1)"))
    assert await Hrana(app, "/raw").value("select count(*) from t") == "1"
    assert await Hrana(app).code(execute("select * from t")) == "SQLITE_UNKNOWN"


async def test_probes_are_answered_without_a_token(app: App) -> None:
    for path in ("/v2", "/v3", "/db/v2", "/db/v3/"):
        assert (await app.get(path))[0] == 200, path


async def test_the_version_is_told_where_nobody_else_answers(app: App) -> None:
    for path in ("/version", "/db/version"):
        status, answer = await app.get(path)
        assert status == 200
        assert re.fullmatch(rb"(\w+)\s+([0-9.]+)\s+(.+)\n", answer)  # as DBeaver's driver reads it
    assert await app.get("/db/health") == (200, b"")


async def test_what_is_not_of_the_protocol_goes_to_others(app: App) -> None:
    assert await app.get("/hello") == (200, b"hello")
    for path in ("/v4", "/v3/pipeline/x", "/v3-protobuf/nothing", "/info", "/db/", "/v2/pipeline"):
        assert (await app.get(path))[0] == 404, path


@pytest.mark.parametrize(
    ("header", "code"),
    [
        (None, "AUTH_HTTP_HEADER_MISSING"),
        ("secret", "AUTH_HTTP_HEADER_INVALID"),
        ("Basic secret", "AUTH_HTTP_HEADER_UNSUPPORTED_SCHEME"),
        ("Bearer wrong", "AUTH_JWT_INVALID"),
        ("Bearer a.b.c", "AUTH_JWT_INVALID"),
        ("Bearer secret2", "AUTH_JWT_INVALID"),
    ],
)
async def test_others_are_not_let_in(app: App, header: str | None, code: str) -> None:
    headers = {} if header is None else {"authorization": header}
    for path in ("/v2/pipeline", "/v3/cursor", "/v1/execute", "/"):
        async with app.session.post(app.url + path, json={}, headers=headers) as response:
            assert response.status == 401
            answer: dict[str, Any] = await response.json()
            assert answer["code"] == code


async def test_a_read_only_token_reads_only(app: App) -> None:
    looking = Hrana(app, token="looking")
    assert await looking.value("select 1") == "1"
    for sql in ("create table x (a)", "begin immediate", "pragma user_version = 3"):
        assert await looking.code(execute(sql)) == "BLOCKED", sql
    status, answer = await looking.post("/", {"statements": ["select 1", "select 2"]})
    assert (status, len(answer)) == (200, 2)


async def test_pages_of_other_sites_may_ask_where_a_token_is_needed(app: App) -> None:
    asking = {"origin": "https://elsewhere.example", "access-control-request-method": "POST"}
    async with app.session.options(app.url + "/v2/pipeline", headers=asking) as response:
        assert response.status == 204
        assert response.headers["access-control-allow-origin"] == "*"
        assert "authorization" in response.headers["access-control-allow-headers"]


async def test_pages_of_other_sites_do_not_reach_a_database_that_is_open(app: App) -> None:
    body = {"requests": []}
    own = {"origin": app.url}
    other = {"origin": "https://elsewhere.example"}
    for headers, status in ((own, 200), (other, 403), ({}, 200)):
        async with app.session.post(app.url + "/open/v2/pipeline", json=body, headers=headers) as response:
            assert response.status == status
            assert "access-control-allow-origin" not in response.headers
