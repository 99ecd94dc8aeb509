"""One file in this process: what runs where, one after the other, and what stops it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from time import monotonic

import pytest

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Bounds, Column
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"


async def fill(file: SqliteFile, count: int) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select i, 'n' || i"
    await file.execute(f"insert into note (id, text) {rows} from n", (count,))


async def test_rows_come_with_their_columns(file: SqliteFile) -> None:
    await fill(file, 2)
    result = await file.execute("select id, text, 1.5 from note where id > ? order by id", (0,))
    assert result.columns == (Column("id", "INTEGER"), Column("text", "TEXT"), Column("1.5"))
    assert result.rows == [(1, "n1", 1.5), (2, "n2", 1.5)]


async def test_no_rows_have_columns_too_and_those_of_the_schema_of_today(file: SqliteFile) -> None:
    sql = "select * from note where id = ?"
    assert [c.name for c in (await file.execute(sql, (1,))).columns] == ["id", "text"]
    await file.execute("alter table note add column more")
    assert [c.name for c in (await file.execute(sql, (1,))).columns] == ["id", "text", "more"]


async def test_a_write_tells_what_it_changed(file: SqliteFile) -> None:
    result = await file.execute("insert into note (text) values ('a'), ('b')")
    assert (result.changes, result.last_id) == (2, 2)
    assert (await file.execute("select 1")).changes == 0
    assert (await file.execute("delete from note where id = 9")).changes == 0


async def test_a_write_may_return_rows(file: SqliteFile) -> None:
    result = await file.execute("insert into note (text) values (:text) returning id, text", {"text": "a"})
    assert result.rows == [(1, "a")]
    assert result.changes == 1


async def test_a_write_that_returns_too_much_has_written_nothing(file: SqliteFile) -> None:
    await fill(file, 20)
    with pytest.raises(SqlError) as caught:
        await file.execute("update note set text = text || '!' returning text", (), Bounds(rows=10))
    assert caught.value.code == "too-large"
    assert (await file.execute("select count(*) from note where text like '%!'")).rows == [(0,)]


async def test_a_short_read_needs_no_thread(file: SqliteFile, threads: Threads) -> None:
    await file.execute("select text from note where id = 1")
    loop_ran = False

    def note() -> None:
        nonlocal loop_ran
        loop_ran = True

    asyncio.get_running_loop().call_soon(note)
    await file.execute("select text from note where id = 1")
    assert not loop_ran


async def test_a_long_read_leaves_the_loop_alone(file: SqliteFile) -> None:
    longest = 0.0

    async def watch() -> None:
        nonlocal longest
        while True:
            before = monotonic()
            await asyncio.sleep(0.001)
            longest = max(longest, monotonic() - before)

    watching = asyncio.create_task(watch())
    for _ in range(3):
        with pytest.raises(SqlError) as caught:
            await file.execute(ENDLESS, (), Bounds(deadline=monotonic() + 0.1))
        assert caught.value.code == "deadline"
    watching.cancel()
    assert longest < 0.1
    assert file.plans[ENDLESS].slow_until > monotonic()


async def test_a_cancelled_statement_stops_and_frees_its_connection(file: SqliteFile) -> None:
    running = asyncio.create_task(file.execute(ENDLESS))
    while file.users == 0:  # noqa: ASYNC110  (statements begin without a word)
        await asyncio.sleep(0.001)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert file.users == 0
    assert (await file.execute("select 1")).rows == [(1,)]


async def test_more_long_reads_than_readers_take_turns(file: SqliteFile) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 99999)"
    count = f"{rows} select count(*) from n"
    results = await asyncio.gather(*(file.execute(count) for _ in range(10)))
    assert [result.rows for result in results] == [[(99999,)]] * 10
    assert len(file.readers) <= file.settings.readers


async def test_writers_take_turns(file: SqliteFile) -> None:
    inserts = (file.execute("insert into note (text) values (?)", (f"n{i}",)) for i in range(50))
    results = await asyncio.gather(*inserts)
    assert sorted(result.last_id or 0 for result in results) == list(range(1, 51))
    assert len(file.writers) == 1


@pytest.mark.parametrize("bounds", [Bounds(rows=10), Bounds(bytes=2_000)])
async def test_bounds_hold_for_rows_and_bytes(file: SqliteFile, bounds: Bounds) -> None:
    await fill(file, 100)
    with pytest.raises(SqlError) as caught:
        await file.execute("select * from note", (), bounds)
    assert caught.value.code == "too-large"
    assert len((await file.execute("select * from note limit 10", (), bounds)).rows) == 10


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("selec 1", "syntax"),
        ("select 'a", "syntax"),
        ("select", "syntax"),
        ("select 1; select 2", "syntax"),
        ("begin", "syntax"),
        ("select * from absent", "missing"),
        ("select absent from note", "missing"),
        ("insert into note (absent) values (1)", "missing"),
        ("select absent(1)", "missing"),
        ("create table note (a)", "exists"),
        ("insert into note (id, text) values (1, 'a'), (1, 'b')", "unique"),
        ("insert into note (text) values ('a'), ('a')", "unique"),
        ("insert into note (text) values (null)", "not-null"),
        ("insert into note (id, text) values ('x', 'a')", "type"),
        ("select abs(-9223372036854775808)", "range"),
        ("select zeroblob(100000000)", "too-large"),
        ("select ?", "bad-parameter"),
        ("select :name", "bad-parameter"),
    ],
)
async def test_errors_have_stable_codes(file: SqliteFile, sql: str, code: str) -> None:
    with pytest.raises(SqlError) as caught:
        await file.execute(sql)
    assert caught.value.code == code


@pytest.mark.parametrize(
    "sql", ["", "  ", "-- nothing", ";", "select 1;", "select 1; -- and no more", "select 1 ; ;"]
)
async def test_space_and_comments_are_no_second_statement(file: SqliteFile, sql: str) -> None:
    await file.execute(sql)


@pytest.mark.parametrize("value", [1 << 63, "\ud800", object()])
async def test_a_parameter_that_sqlite_cannot_hold_is_refused(file: SqliteFile, value: object) -> None:
    with pytest.raises(SqlError) as caught:
        await file.execute("select ?", (value,))  # type: ignore[arg-type]
    assert caught.value.code == "bad-parameter"


async def test_a_file_that_is_no_database_is_said_to_be_none(tmp_path: Path, threads: Threads) -> None:
    (tmp_path / "text.db").write_text("this is only text, and longer than a header of a database" * 20)
    with pytest.raises(SqlError, match=r"'text\.db' cannot be opened") as caught:
        async with SqliteFile(str(tmp_path / "text.db"), threads):
            pass
    assert caught.value.code == "unavailable"


@pytest.mark.slow
async def test_waits_for_another_process_that_writes(file: SqliteFile) -> None:
    program = (
        "import apsw, sys; c = apsw.Connection(sys.argv[1]); c.execute('begin immediate');"
        "print('locked', flush=True); sys.stdin.readline(); c.execute('commit')"
    )
    pipe = asyncio.subprocess.PIPE
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, file.path, stdin=pipe, stdout=pipe
    )
    assert other.stdout is not None
    assert await other.stdout.readline() == b"locked\n"
    with pytest.raises(SqlError) as caught:
        await file.execute("delete from note", (), Bounds(deadline=monotonic() + 0.05))
    assert caught.value.code == "busy"
    writing = asyncio.create_task(file.execute("insert into note (text) values ('a')"))
    assert (await file.execute("select count(*) from note")).rows == [(0,)]
    await other.communicate(b"go\n")
    assert (await writing).changes == 1
