"""What no statement may do to a SQLite database."""

from __future__ import annotations

import pytest

from gojinn.capabilities.sql.connection import Connection, FileSettings
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.guard import Policy
from gojinn.capabilities.sql.session import Session
from gojinn.capabilities.sql.sqlite import SqliteFile

ESCAPES = [
    "attach '/etc/passwd' as other",
    "attach database 'file:/tmp/x?mode=rwc' as other",
    "attach ':memory:' as other",
    "attach '' as other",
    "detach main",
    "vacuum",
    "vacuum into '/tmp/stolen.db'",
    "select load_extension('/tmp/evil.so')",
    "select load_extension('/tmp/evil.so', 'entry')",
    "select id from note where load_extension('/tmp/evil.so') is null",
    "create table evil (a default (load_extension('/tmp/evil.so')))",
    "create index evil on note (load_extension(text))",
    "select fts3_tokenizer('simple')",
    "select fts3_tokenizer('simple', x'0000000000000000')",
    "create virtual table evil using fts3tokenize('simple')",
    "create virtual table evil using csv(filename='/etc/passwd')",
    "create virtual table evil using dbstat",
    "create virtual table temp.evil using fts5(a)",
    "pragma journal_mode = off",
    "pragma main.journal_mode = delete",
    "pragma synchronous = off",
    "pragma writable_schema = on",
    "pragma trusted_schema = on",
    "pragma foreign_keys = off",
    "pragma query_only = off",
    "pragma max_page_count = 1000000",
    "pragma temp_store_directory = '/tmp'",
    "pragma locking_mode = exclusive",
    "pragma wal_autocheckpoint = 0",
    "pragma wal_checkpoint(truncate)",
    "pragma mmap_size = 1000000000",
    "pragma hard_heap_limit = 1",
    "pragma cache_size = 1000000",
    "pragma key = 'x'",
    "pragma database_list",
    "select file from pragma_database_list",
    "create temp table evil (a)",
    "create table temp.evil (a)",
    "create temp view evil as select 1",
    "create temp trigger evil after insert on note begin select 1; end",
]


@pytest.mark.parametrize("sql", ESCAPES)
async def test_an_escape_is_denied_and_the_message_says_what_is_never_granted(
    file: SqliteFile, sql: str
) -> None:
    with pytest.raises(SqlError, match="never granted") as caught:
        await file.execute(sql)
    assert caught.value.code == "denied"


@pytest.mark.parametrize(
    "sql",
    [
        "insert into sqlite_master values ('table', 'x', 'x', 0, 'create table x (a)')",
        "update sqlite_schema set sql = 'create table note (a)'",
        "delete from sqlite_schema",
        "drop table sqlite_schema",
        "alter table sqlite_schema rename to x",
    ],
)
async def test_the_schema_s_own_table_cannot_be_written(file: SqliteFile, sql: str) -> None:
    with pytest.raises(SqlError, match=r"may not be (modified|dropped|altered)"):
        await file.execute(sql)


@pytest.mark.parametrize("name", ["readfile", "writefile", "edit", "shell", "system", "eval"])
async def test_functions_that_reach_the_host_do_not_exist(file: SqliteFile, name: str) -> None:
    with pytest.raises(SqlError, match="no such function"):
        await file.execute(f"select {name}('/etc/passwd')")


@pytest.mark.parametrize(
    ("trap", "spring"),
    [
        ("create view evil as select load_extension('/tmp/evil.so')", "select * from evil"),
        (
            "create trigger evil after insert on note begin select load_extension('/tmp/evil.so'); end",
            "insert into note (text) values ('a')",
        ),
    ],
)
async def test_an_escape_in_the_schema_is_denied_when_it_is_used(
    file: SqliteFile, trap: str, spring: str
) -> None:
    await file.execute(trap)
    with pytest.raises(SqlError, match="never granted") as caught:
        await file.execute(spring)
    assert caught.value.code == "denied"


async def test_a_transaction_does_not_help(file: SqliteFile) -> None:
    session = Session(file)
    await session.begin("write")
    for sql in ESCAPES:
        with pytest.raises(SqlError, match=r"never granted|cannot VACUUM from within a transaction"):
            await session.execute(sql)
    await session.close()


@pytest.mark.parametrize(
    "sql",
    [
        "pragma table_info(note)",
        "select name from pragma_table_info('note')",
        "pragma foreign_keys = on",
        "pragma journal_mode",
        "pragma user_version = 7",
        "pragma integrity_check",
        "create virtual table search using fts5(text)",
        "create virtual table place using rtree(id, x0, x1)",
        "select json_extract('{\"a\": [1]}', '$.a[0]')",
        "with recursive n(i) as (select 1 union all select i + 1 from n where i < 9) select sum(i) from n",
        "alter table note add column more text",
        "create trigger t after insert on note begin update note set text = text; end",
        "analyze",
        "reindex",
    ],
)
async def test_what_stays_in_the_database_is_allowed(file: SqliteFile, sql: str) -> None:
    await file.execute(sql)


async def test_a_policy_may_allow_further_pragmas(file: SqliteFile) -> None:
    settings = FileSettings(policy=Policy(pragmas=frozenset({"foreign_keys"})))
    connection = Connection(file.path, settings)
    connection.command("pragma foreign_keys = off")
    connection.close()
