"""A client's transactions on a file."""

from __future__ import annotations

import asyncio
from time import monotonic

import pytest

from gojinn.capabilities.sql.embedded import SqliteDatabase
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Bounds
from gojinn.capabilities.sql.session import Session
from gojinn.capabilities.sql.sqlite import SqliteFile

INSERT = "insert into note (text) values (?)"
COUNT = "select count(*) from note"


async def count(file: SqliteFile) -> object:
    return (await file.execute(COUNT)).rows[0][0]


async def test_a_commit_makes_it_last(file: SqliteFile) -> None:
    session = Session(file)
    await session.begin("write")
    await session.execute(INSERT, ("a",))
    assert (await session.execute(COUNT)).rows == [(1,)]
    assert await count(file) == 0
    await session.commit()
    assert session.autocommit
    assert await count(file) == 1


async def test_closing_undoes_what_was_not_committed(file: SqliteFile) -> None:
    session = Session(file)
    await session.begin("write")
    await session.execute(INSERT, ("a",))
    await session.close()
    assert await count(file) == 0


async def test_statements_steer_a_transaction_too(file: SqliteFile) -> None:
    session = Session(file)
    for sql in ("begin", "insert into note (text) values ('a')", "savepoint s", "delete from note"):
        await session.execute(sql)
    await session.execute("rollback to s")
    await session.execute("release s")
    assert not session.autocommit
    await session.execute("end")
    assert session.autocommit
    assert await count(file) == 1


async def test_a_savepoint_alone_is_a_transaction(file: SqliteFile) -> None:
    session = Session(file)
    await session.execute("savepoint s")
    await session.execute(INSERT, ("a",))
    assert not session.autocommit
    await session.execute("release s")
    assert session.autocommit
    assert await count(file) == 1


async def test_a_failed_statement_leaves_the_rest(file: SqliteFile) -> None:
    session = Session(file)
    await session.begin("write")
    await session.execute(INSERT, ("a",))
    with pytest.raises(SqlError):
        await session.execute(INSERT, ("a",))
    await session.execute(INSERT, ("b",))
    await session.commit()
    assert await count(file) == 2


async def test_one_writes_at_a_time(file: SqliteFile) -> None:
    first, second = Session(file), Session(file)
    await first.begin("write")
    with pytest.raises(SqlError) as caught:
        await second.begin("write", Bounds(deadline=monotonic() + 0.02))
    assert caught.value.code == "busy"
    waiting = asyncio.create_task(second.begin("write"))
    await first.execute(INSERT, ("a",))
    await first.commit()
    await waiting
    await second.close()


async def test_a_transaction_that_reads_sees_one_state(file: SqliteFile) -> None:
    session = Session(file)
    await session.begin("read")
    assert (await session.execute(COUNT)).rows == [(0,)]
    await file.execute(INSERT, ("a",))
    assert (await session.execute(COUNT)).rows == [(0,)]
    with pytest.raises(SqlError) as caught:
        await session.execute(INSERT, ("b",))
    assert caught.value.code == "denied"
    await session.close()


async def test_deferred_transactions_do_not_wait_until_they_write(file: SqliteFile) -> None:
    first, second = Session(file), Session(file)
    await first.begin("deferred")
    await second.begin("deferred")
    assert (await second.execute(COUNT)).rows == [(0,)]
    await first.execute(INSERT, ("a",))
    await first.commit()
    with pytest.raises(SqlError) as caught:
        await second.execute(INSERT, ("b",))
    assert caught.value.detail == "SQLITE_BUSY_SNAPSHOT"
    await second.rollback()


async def test_a_deadline_in_a_write_undoes_the_transaction(file: SqliteFile) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select 'n' || i from n"
    session = Session(file)
    await session.begin("write")
    await session.execute(INSERT, ("a",))
    with pytest.raises(SqlError) as caught:
        await session.execute(f"insert into note (text) {endless}", (), Bounds(deadline=monotonic() + 0.1))
    assert caught.value.code == "deadline"
    assert session.autocommit
    assert await count(file) == 0


async def test_without_a_transaction_there_is_nothing_to_end(file: SqliteFile) -> None:
    session = Session(file)
    with pytest.raises(SqlError) as caught:
        await session.commit()
    assert caught.value.code == "no-transaction"
    await session.begin("read")
    with pytest.raises(SqlError):
        await session.begin("read")
    await session.close()


async def test_deferred_foreign_keys_keep_the_transaction_open(file: SqliteFile) -> None:
    await file.execute("create table tag (note integer references note deferrable initially deferred)")
    session = Session(file)
    await session.begin("write")
    await session.execute("insert into tag values (7)")
    with pytest.raises(SqlError) as caught:
        await session.commit()
    assert caught.value.code == "foreign-key"
    assert not session.autocommit
    await session.execute("insert into note (id, text) values (7, 'a')")
    await session.commit()


async def test_many_idle_sessions_hold_nothing(file: SqliteFile) -> None:
    sessions = [Session(file) for _ in range(1_000)]
    for session in sessions:
        await session.execute("select 1")
    assert file.users == 0


async def test_references_are_checked_unless_the_session_says_otherwise(file: SqliteFile) -> None:
    await file.execute("create table tag (note integer references note (id))")
    session, other = Session(file), Session(file)
    session.foreign_keys = False
    await session.execute("insert into tag values (1)")
    await session.begin("write")
    await session.execute("insert into tag values (2)")
    await session.commit()
    with pytest.raises(SqlError, match="FOREIGN KEY"):
        await other.execute("insert into tag values (3)")
    session.foreign_keys = True
    with pytest.raises(SqlError, match="FOREIGN KEY"):
        await session.execute("insert into tag values (4)")
    assert (await session.execute("select note from tag")).rows == [(1,), (2,)]


async def test_a_statement_without_references_checked_is_undone_when_it_fails(file: SqliteFile) -> None:
    session = Session(file)
    session.foreign_keys = False
    with pytest.raises(SqlError) as failed:
        await session.execute("insert into note (text) values ('a'), ('b'), ('a')")
    assert failed.value.detail == "SQLITE_CONSTRAINT_UNIQUE"
    assert session.autocommit
    assert await count(file) == 0


async def test_errors_tell_where_they_are(file: SqliteFile) -> None:
    with pytest.raises(SqlError) as failed:
        await file.execute("select nonsense")
    assert failed.value.offset == 7


async def test_each_session_has_its_own_last_row(file: SqliteFile) -> None:
    first, second = Session(file), Session(file)
    ask = "select last_insert_rowid()"
    assert (await first.execute(ask)).rows == [(0,)]
    await first.execute("insert into note (id, text) values (7, 'a')")
    await second.execute("insert into note (id, text) values (8, 'b')")
    assert (await first.execute(ask)).rows == [(7,)]
    assert (await second.execute(ask)).rows == [(8,)]
    await first.execute("insert into note (id, text) values (last_insert_rowid() + 100, 'c')")
    await first.begin("write")
    assert (await first.execute(ask)).rows == [(107,)]
    await first.execute("insert into note (id, text) values (9, 'd')")
    await first.commit()
    assert (await first.execute(ask)).rows == [(9,)]
    assert file.turn.locked() is False


async def test_few_connections_are_kept_after_many_transactions(file: SqliteFile) -> None:
    sessions = [Session(file) for _ in range(30)]
    for session in sessions:
        await session.begin("deferred")
        await session.execute(COUNT)
    assert file.users == 30
    for session in sessions:
        await session.close()
    assert (file.users, len(file.writers)) == (0, 8)
    assert await count(file) == 0


@pytest.mark.parametrize("turns", range(0, 12, 2))
async def test_a_cancelled_beginning_leaves_nothing(file: SqliteFile, turns: int) -> None:
    beginning = asyncio.create_task(SqliteDatabase(file).begin(Bounds()))
    for _ in range(turns):
        await asyncio.sleep(0)
    beginning.cancel()
    try:
        await (await beginning).rollback()
    except asyncio.CancelledError:
        assert not file.turn.locked()
    assert file.users == 0


async def test_who_stops_waiting_for_the_turn_does_not_get_it(file: SqliteFile) -> None:
    first = Session(file)
    await first.begin("write")
    waiting = [asyncio.create_task(Session(file).begin("write")) for _ in range(3)]
    await asyncio.sleep(0)
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    await first.rollback()
    assert not file.turn.locked()
    assert (await file.execute(INSERT, ("a",))).changes == 1
