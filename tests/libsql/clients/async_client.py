"""PyPI's `libsql-client`, over Hrana 1 and WebSocket: python async_client.py <url> <token>."""

import asyncio
import json
import sys

import libsql_client
import pytest

url, token = sys.argv[1:]
NAME = "old_" + url.split(":")[0]


async def values(client):
    row = (None, 42, 0.5, "žluť 🐎", b"\x00\xff")
    result = await client.execute("SELECT ?, ?, ?, ?, ?", row)
    assert tuple(result.rows[0]) == row, tuple(result.rows[0])


async def names(client):
    result = await client.execute("SELECT :a AS a", {"a": 7})
    assert (result.columns, result.rows[0]["a"]) == (("a",), 7)


async def insert(client):
    await client.execute(f"DROP TABLE IF EXISTS {NAME}")
    await client.execute(f"CREATE TABLE {NAME} (id INTEGER PRIMARY KEY, a UNIQUE)")
    result = await client.execute(f"INSERT INTO {NAME} (a) VALUES ('one')")
    assert (result.rows_affected, result.last_insert_rowid) == (1, 1)


async def batch(client):
    results = await client.batch(
        [f"INSERT INTO {NAME} (a) VALUES ('two')", (f"SELECT count(*) FROM {NAME} WHERE a <> ?", ("x",))]
    )
    assert results[1].rows[0][0] == 2


async def failed_batch(client):
    with pytest.raises(libsql_client.LibsqlError, match="foobar"):
        await client.batch([f"INSERT INTO {NAME} (a) VALUES ('three')", "SELECT foobar"])
    assert (await client.execute(f"SELECT count(*) FROM {NAME}")).rows[0][0] == 2


async def constraint(client):
    with pytest.raises(libsql_client.LibsqlError) as failed:
        await client.execute(f"INSERT INTO {NAME} (a) VALUES ('one')")
    assert failed.value.code == "SQLITE_CONSTRAINT_UNIQUE"


async def transaction(client):
    if not url.startswith("ws"):
        return  # this client has transactions over WebSocket only
    transaction = client.transaction()
    await transaction.execute(f"INSERT INTO {NAME} (a) VALUES ('four')")
    await transaction.rollback()
    assert (await client.execute(f"SELECT count(*) FROM {NAME}")).rows[0][0] == 2


async def side_by_side(client):
    results = await asyncio.gather(*(client.execute("SELECT ?", (i,)) for i in range(50)))
    assert [result.rows[0][0] for result in results] == list(range(50))


async def main():
    outcomes = {}
    async with libsql_client.create_client(url, auth_token=token) as client:
        for case in (values, names, insert, batch, failed_batch, constraint, transaction, side_by_side):
            try:
                await case(client)
                outcomes[case.__name__] = None
            except Exception as failed:  # noqa: BLE001
                outcomes[case.__name__] = f"{type(failed).__name__}: {failed}"
    print(json.dumps(outcomes))


asyncio.run(main())
