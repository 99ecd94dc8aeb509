"""A libSQL server as the database of a function: our own serves it here, over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.libsql import connector
from gojinn.capabilities.sql.threads import Threads
from gojinn.testing.app import App, serve

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

SITE = """
http://localhost:0 {
	libsql ./served.db {
		auth_token secret
		read_only_token looking
	}
}
"""


@pytest.fixture
async def app() -> AsyncIterator[App]:
    async with serve(SITE) as app:
        yield app


def codes(answers: list[Any]) -> list[str | None]:
    return [answer.get("error", {}).get("code") for answer in answers]


VALUES = [
    None,
    7,
    {"$integer": "9223372036854775807"},
    1.5,
    "žluť '\"🦊",
    {"$blob": "AAEC/w=="},
]


async def test_a_libsql_server_is_a_database_like_others(app: App, connect: Any) -> None:
    client = await connect(app.url, db_driver="libsql", db_sync_url=f"{app.url}?authToken=secret")
    create = "create table item (id integer primary key, name text unique, price decimal(9, 2), day date)"
    insert = ("sql.exec", {"sql": "insert into item (name) values (:name)", "params": {"name": "a"}})
    count = ("sql.query", {"sql": "select count(*) from item"})
    assert await client.query(create) == []
    for value in VALUES:
        assert await client.query("select ?", value) == [[value]]
    assert (await client.calls(insert))[0] == {"changes": 1, "last_id": 1}
    await client.query("update item set price = ?, day = ?", {"$decimal": "1.50"}, {"$date": "2026-11-24"})
    typed = await client.query("select price, day from item")
    assert typed == [[{"$decimal": "1.50"}, {"$date": "2026-11-24"}]]
    answers = await client.calls(
        insert, ("sql.query", {"sql": "selec"}), ("sql.query", {"sql": "select * from no"})
    )
    assert codes(answers) == ["unique", "syntax", "missing"]
    other = ("sql.exec", {"sql": "insert into item (name) values ('b')"})
    answers = await client.calls(("sql.begin", {}), other, count, ("sql.rollback", {}), count)
    assert [answers[2]["rows"], answers[4]["rows"]] == [[[2]], [[1]]]
    answers = await client.calls(("sql.begin", {}), other, ("sql.commit", {}), count)
    assert answers[3]["rows"] == [[2]]
    await client.calls(("sql.begin", {}), ("sql.exec", {"sql": "delete from item"}))
    assert await client.query("select count(*) from item") == [[2]]
    fetched = await client.call("sql.fetch", sql="select id from item order by id", rows=1)
    assert (fetched["rows"], fetched["more"]) == ([[1]], True)


async def test_what_the_server_refuses_is_refused(app: App, connect: Any) -> None:
    nobody = await connect(app.url)
    assert await nobody.query("select 1") == "denied"
    looking = await connect(f"{app.url}?authToken=looking")
    assert await looking.query("select 1") == [[1]]
    assert await looking.query("create table t (a)") == "denied"
    reader = await connect(f"{app.url}?authToken=secret", "read")
    answers = await reader.calls(("sql.query", {"sql": "create table t (a)"}))
    assert "db write" in answers[0]["error"]["message"]


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    threads = Threads(1)
    link = await connector("http://127.0.0.1:1", "", threads)()
    with pytest.raises(SqlError) as caught:
        await link.command("select 1")
    assert caught.value.code == "unavailable"
    threads.close()
