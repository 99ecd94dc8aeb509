"""Connections to servers: how many, whose turn, what becomes of those that break off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Any

import psycopg
import pytest

from gojinn.capabilities.sql import mysql, postgres
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.pool import Pool
from gojinn.capabilities.sql.result import DEFAULT, Bounds
from gojinn.capabilities.sql.server import ServerDatabase, ServerLink

pytestmark = pytest.mark.slow


@pytest.fixture
async def database(postgres_dsn: str) -> AsyncIterator[ServerDatabase]:
    """PostgreSQL with ten connections, of which a tenant has six."""
    pool: Pool[ServerLink] = Pool(postgres.connector(postgres_dsn), 10, 6)
    database = ServerDatabase(pool, "postgres")
    yield database
    assert pool.taken == 0, "somebody kept a connection"
    await database.close()


@pytest.fixture
async def admin(postgres_dsn: str) -> AsyncIterator[Any]:
    """A connection of its own, which counts and kills those of the pool."""
    connection = await psycopg.AsyncConnection.connect(postgres_dsn, autocommit=True)
    yield connection
    await connection.close()


OTHERS = "from pg_stat_activity where application_name = 'gojinn'"


async def connections(admin: Any) -> int:
    cursor = await admin.execute(f"select count(*) {OTHERS}")
    return int((await cursor.fetchone())[0])


async def running(admin: Any, pattern: str) -> bool:
    cursor = await admin.execute(f"select 1 {OTHERS} and query like %s", (pattern,))
    return bool(await cursor.fetchall())


async def kill(admin: Any) -> None:
    await admin.execute(f"select pg_terminate_backend(pid, 5000) {OTHERS}")


@pytest.mark.toolchain
async def test_200_functions_share_ten_connections(connect: Any, postgres_dsn: str, admin: Any) -> None:
    client = await connect(postgres_dsn, db_pool=10)
    most = 0

    async def watch() -> None:
        nonlocal most
        while True:
            most = max(most, await connections(admin))

    watching = asyncio.create_task(watch())
    query = {"sql": "select pg_sleep(0.005), ?::int", "params": [7]}
    calls = (client.calls(("sql.query", query), timeout=60) for _ in range(200))
    answers = await asyncio.gather(*calls)
    watching.cancel()
    assert [answer[0]["rows"] for answer in answers] == [[["", 7]]] * 200
    assert 2 <= most <= 10


async def test_a_tenant_has_no_more_than_its_share(database: ServerDatabase) -> None:
    held = [await database.pool.take(Bounds(tenant="greedy")) for _ in range(6)]
    with pytest.raises(SqlError) as caught:
        await database.pool.take(Bounds(deadline=monotonic() + 0.05, tenant="greedy"))
    assert caught.value.code == "busy"
    waiting = asyncio.create_task(database.pool.take(Bounds(tenant="greedy")))
    assert (await database.execute("select 1", (), Bounds(tenant="modest"))).rows == [(1,)]
    database.pool.give(held.pop(), "greedy")
    held.append(await waiting)
    for link in held:
        database.pool.give(link, "greedy")


async def test_who_stops_waiting_takes_no_place(database: ServerDatabase) -> None:
    held = [await database.pool.take(Bounds(tenant=str(number))) for number in range(10)]
    waiting = [asyncio.create_task(database.pool.take(Bounds(tenant="late"))) for _ in range(5)]
    await asyncio.sleep(0)
    for task in waiting[1:]:
        task.cancel()
    for number, link in enumerate(held):
        database.pool.give(link, str(number))
    database.pool.give(await waiting[0], "late")
    assert not database.pool.waiting


async def test_a_read_outlives_its_connection(database: ServerDatabase, admin: Any) -> None:
    links = [await database.pool.take(DEFAULT) for _ in range(5)]
    for link in links:
        database.pool.give(link, "")
    await kill(admin)
    assert (await database.execute("select 1", (), DEFAULT)).rows == [(1,)]


async def test_a_transaction_begins_on_a_connection_that_lives(database: ServerDatabase, admin: Any) -> None:
    await database.execute("select 1", (), DEFAULT)
    await kill(admin)
    transaction = await database.begin(DEFAULT)
    assert (await transaction.execute("select 2", (), DEFAULT)).rows == [(2,)]
    await transaction.commit(DEFAULT)


async def test_a_write_whose_connection_breaks_off_is_not_repeated(
    database: ServerDatabase, admin: Any
) -> None:
    await database.execute("create table if not exists slow (a int)", (), DEFAULT)
    await database.execute("delete from slow", (), DEFAULT)
    sql = "insert into slow select 1 from pg_sleep(30)"
    writing = asyncio.create_task(database.execute(sql, (), DEFAULT))
    async with asyncio.timeout(10):
        while not await running(admin, "insert into slow%"):
            pass
    await kill(admin)
    with pytest.raises(SqlError, match="is not known") as caught:
        await writing
    assert caught.value.code == "unavailable"


async def test_what_a_statement_leaves_on_a_connection_is_forgotten(database: ServerDatabase) -> None:
    await database.execute("select set_config('search_path', 'pg_catalog', false)", (), DEFAULT)
    await database.execute("set statement_timeout = 1", (), DEFAULT)
    found = await database.execute("show statement_timeout", (), DEFAULT)
    assert found.rows == [("0",)]


async def test_connections_that_nobody_uses_are_closed(postgres_dsn: str, admin: Any) -> None:
    pool: Pool[ServerLink] = Pool(postgres.connector(postgres_dsn), 5, idle=0.05)
    database = ServerDatabase(pool, "postgres")
    await asyncio.gather(*(database.execute("select pg_sleep(0.01)", (), DEFAULT) for _ in range(5)))
    async with asyncio.timeout(10):
        while await connections(admin):
            assert len(pool.idle) <= 5
    assert not pool.idle
    await database.close()


@pytest.mark.parametrize(
    ("module", "dsn"),
    [
        (postgres, "postgres://nobody@127.0.0.1:1/x"),
        (postgres, "host=/nonexistent user=x"),
        (mysql, "mysql://nobody@127.0.0.1:1/x"),
        (mysql, "user:secret@tcp(127.0.0.1:1)/x?parseTime=true"),
    ],
)
async def test_a_server_that_is_not_there_is_said_to_be(module: Any, dsn: str) -> None:
    with pytest.raises(SqlError) as caught:
        await module.connector(dsn)()
    assert caught.value.code == "unavailable"
    assert "secret" not in caught.value.message


@pytest.mark.parametrize(
    ("dsn", "expected"),
    [
        ("mysql://u:p%40@h:1/d", {"host": "h", "port": 1, "user": "u", "password": "p@", "database": "d"}),
        (
            "u:p@tcp(h:1)/d?parseTime=true",
            {"host": "h", "port": 1, "user": "u", "password": "p", "database": "d"},
        ),
        ("u@unix(/s)/d", {"unix_socket": "/s", "user": "u", "password": None, "database": "d"}),
        ("mysql://u@localhost/d?unix_socket=/s", {"unix_socket": "/s", "user": "u", "database": "d"}),
    ],
)
def test_addresses_of_mysql_are_read_in_both_forms(dsn: str, expected: dict[str, Any]) -> None:
    assert expected.items() <= mysql.arguments(dsn).items()


async def test_a_server_takes_one_statement_at_a_time(mariadb_dsn: str) -> None:
    link = await mysql.connector(mariadb_dsn)()
    with pytest.raises(SqlError) as caught:
        await link.command("select 1; select 2")
    assert caught.value.code == "syntax"
    await link.close()


async def test_a_mode_without_backslashes_opens_no_hole(mariadb_dsn: str) -> None:
    pool: Pool[ServerLink] = Pool(mysql.connector(mariadb_dsn), 1)
    database = ServerDatabase(pool, "mysql")
    transaction = await database.begin(DEFAULT)
    await transaction.execute("set sql_mode = 'NO_BACKSLASH_ESCAPES'", (), DEFAULT)
    hostile = "\\' or 1=1 -- "
    assert (await transaction.execute("select ? = ?", (hostile, hostile), DEFAULT)).rows == [(1,)]
    assert (await transaction.execute("select ?", (hostile,), DEFAULT)).rows == [(hostile,)]
    await transaction.rollback()
    assert (await database.execute("select @@sql_mode like '%BACKSLASH%'", (), DEFAULT)).rows == [(0,)]
    await database.close()
