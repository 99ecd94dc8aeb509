"""What every engine does in the same way, as a guest sees it: each test runs on all of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

pytestmark = [pytest.mark.toolchain, pytest.mark.slow]

VALUES = [
    pytest.param("i", 0, id="zero"),
    pytest.param("i", -1, id="negative"),
    pytest.param("i", 2**53 - 1, id="largest plain integer"),
    pytest.param("i", {"$integer": str(2**53)}, id="integer beyond 53 bits"),
    pytest.param("i", {"$integer": str(2**63 - 1)}, id="largest integer"),
    pytest.param("i", {"$integer": str(-(2**63))}, id="smallest integer"),
    pytest.param("r", 1.5, id="real"),
    pytest.param("r", -1e300, id="large real"),
    pytest.param("r", 0.1, id="real without end"),
    pytest.param("t", "", id="empty text"),
    pytest.param("t", "hello", id="text"),
    pytest.param("t", "žluťoučký 日本 🦊 \u202e", id="unicode"),
    pytest.param("t", "a'b\"c\\d`e%s?:x;--", id="quotes and marks"),
    pytest.param("t", "line\nline\ttab\r", id="control characters"),
    pytest.param("t", "x" * 50_000, id="long text"),
    pytest.param("b", {"$blob": ""}, id="empty blob"),
    pytest.param("b", {"$blob": "AAECAwQFBgf/"}, id="blob"),
    pytest.param("b", {"$blob": "JyI7LS0AXA=="}, id="blob with quotes"),
    pytest.param("d", {"$decimal": "0.00"}, id="zero decimal"),
    pytest.param("d", {"$decimal": "1.50"}, id="decimal"),
    pytest.param("d", {"$decimal": "-9999999999.99"}, id="long decimal"),
    pytest.param("day", {"$date": "2026-11-24"}, id="date"),
    pytest.param("day", {"$date": "1000-01-01"}, id="early date"),
    pytest.param("clock", {"$time": "00:00:00"}, id="midnight"),
    pytest.param("clock", {"$time": "23:59:59.123456"}, id="time"),
    pytest.param("moment", {"$datetime": "2026-11-24T12:30:00"}, id="moment"),
    pytest.param("moment", {"$datetime": "2026-11-24T12:30:00.000001"}, id="moment with microseconds"),
    pytest.param("yes", True, id="true"),
    pytest.param("yes", False, id="false"),
    *(pytest.param(column, None, id=f"null {column}") for column in ("i", "r", "t", "b", "d", "day", "yes")),
]


@pytest.mark.parametrize(("column", "value"), VALUES)
async def test_a_value_comes_back_as_it_was_given(db: Any, column: str, value: Any) -> None:
    put, got, same = await db.calls(
        ("sql.exec", {"sql": f"insert into kind ({column}) values (?)", "params": [value]}),
        ("sql.query", {"sql": f"select {column} from kind"}),
        ("sql.query", {"sql": f"select count(*) from kind where {column} = ?", "params": [value]}),
    )
    assert put == {"changes": 1, "last_id": put.get("last_id")}
    assert got["rows"] == [[value]]
    assert same["rows"] == [[0 if value is None else 1]]


async def test_a_moment_with_a_zone_is_kept_in_utc(db: Any) -> None:
    await db.query("insert into kind (moment) values (?)", {"$datetime": "2026-11-24T12:30:00+02:00"})
    assert await db.query("select moment from kind") == [[{"$datetime": "2026-11-24T10:30:00"}]]


async def test_json_is_bound_as_its_text(db: Any) -> None:
    await db.query("insert into kind (t) values (?)", {"$json": {"a": [1, None, "x"]}})
    assert await db.query("select t from kind") == [['{"a":[1,null,"x"]}']]


async def test_numbers_of_sums_and_counts(db: Any) -> None:
    await db.query("insert into kind (i) values (1), (2), (3)")
    assert await db.query("select count(*), min(i), max(i) from kind") == [[3, 1, 3]]


async def test_parameters_by_name(db: Any) -> None:
    request = {"sql": "insert into item (id, name) values (:id, :name)", "params": {"id": 1, "name": "a"}}
    twice = {"sql": "select id from item where id = :n or size = :n", "params": {"n": 1}}
    assert (await db.calls(("sql.exec", request), ("sql.query", twice)))[1]["rows"] == [[1]]


@pytest.mark.parametrize(
    ("sql", "params"),
    [
        ("select id from item where id = ?", []),
        ("select id from item where id = ?", [1, 2]),
        ("select id from item where id = :a", {}),
        ("select id from item where id = :a", {"a": 1, "b": 2}),
        ("select id from item where id = ?", {"a": 1}),
        ("select id from item where id = ?", [{"$nothing": 1}]),
        ("select id from item where id = ?", [[1]]),
        ("select id from item where id = ?", [{"$integer": "x"}]),
    ],
    ids=["too few", "too many", "name missing", "name unknown", "no names", "tag", "array", "bad integer"],
)
async def test_parameters_that_do_not_fit(db: Any, sql: str, params: Any) -> None:
    answer = await db.call("sql.query", sql=sql, params=params)
    assert answer["error"]["code"] == "bad-parameter"


ERRORS = [
    ("selec 1", "syntax"),
    ("select * from absent", "missing"),
    ("select absent from item", "missing"),
    ("create table item (id integer)", "exists"),
    ("insert into item (id, name) values (1, 'a'), (1, 'b')", "unique"),
    ("insert into item (id, name) values (1, 'a'), (2, 'a')", "unique"),
    ("insert into item (id, name) values (1, null)", "not-null"),
    ("insert into item (id, name, size) values (1, 'a', 5000)", "check"),
    ("begin", "bad-request"),
    ("commit", "bad-request"),
    ("select 1; drop table item", "syntax"),
]


@pytest.mark.parametrize(("sql", "code"), ERRORS, ids=[sql for sql, _ in ERRORS])
async def test_errors_have_the_same_codes(db: Any, sql: str, code: str) -> None:
    assert await db.query(sql) == code
    assert await db.query("select count(*) from item") == [[0]]


async def test_foreign_keys_hold(db: Any) -> None:
    await db.query("create table child (item integer not null, foreign key (item) references item (id))")
    assert await db.query("insert into child values (7)") == "foreign-key"


INJECTIONS = [
    "'; drop table item; --",
    "' or '1'='1",
    "\\'; drop table item; --",
    "\\",
    "1); delete from item; --",
    "'/**/union/**/select/**/1--",
    "%s%s%s%(x)s",
    "\u00bf\u0027 or 1=1",
    "$1",
    "a\x00b' or '1'='1",
]


@pytest.mark.parametrize("text", INJECTIONS)
async def test_parameters_are_never_part_of_the_statement(db: Any, text: str) -> None:
    await db.query("insert into item (id, name) values (1, 'safe')")
    found = await db.query("select id from item where name = ?", text)
    assert found in ([], "bad-parameter")
    assert await db.query("select id, name from item") == [[1, "safe"]]


async def test_a_statement_tells_what_it_changed(db: Any) -> None:
    many = "insert into item (id, name) values (1, 'a'), (2, 'b'), (3, 'c')"
    answers = await db.calls(
        *(
            ("sql.exec", {"sql": sql})
            for sql in (many, "update item set name = name", "delete from item where id > 1")
        )
    )
    assert [answer["changes"] for answer in answers] == [3, 3, 2]


async def test_columns_are_named_also_without_rows(db: Any) -> None:
    answer = await db.call("sql.query", sql="select id, name as label from item")
    assert [column["name"] for column in answer["columns"]] == ["id", "label"]
    assert answer["rows"] == []


INSERT = ("sql.exec", {"sql": "insert into item (id, name) values (1, 'a')"})
COUNT = ("sql.query", {"sql": "select count(*) from item"})


async def test_a_commit_makes_it_last(db: Any) -> None:
    await db.calls(("sql.begin", {}), INSERT, ("sql.commit", {}))
    assert await db.query("select count(*) from item") == [[1]]


async def test_a_rollback_undoes_it(db: Any) -> None:
    answers = await db.calls(("sql.begin", {}), INSERT, COUNT, ("sql.rollback", {}), COUNT)
    assert [answers[2]["rows"], answers[4]["rows"]] == [[[1]], [[0]]]


async def test_a_guest_that_ends_without_commit_has_done_nothing(db: Any) -> None:
    await db.calls(("sql.begin", {}), INSERT)
    assert await db.query("select count(*) from item") == [[0]]


async def test_others_do_not_see_what_is_not_committed(db: Any) -> None:
    started = db.calls(("sql.begin", {}), INSERT, ("sql.query", {"sql": "select 1"}), ("sql.commit", {}))
    counts = [db.query("select count(*) from item") for _ in range(5)]
    found = await asyncio.gather(started, *counts)
    assert all(count in ([[0]], [[1]]) for count in found[1:])


async def test_a_batch_is_all_or_nothing(db: Any) -> None:
    good = {"sql": "insert into item (id, name) values (?, ?)", "params": [1, "a"]}
    answer = await db.call(
        "sql.batch", statements=[good, {"sql": "insert into item (id, name) values (2, 'a')"}]
    )
    assert answer["error"]["code"] == "unique"
    assert await db.query("select count(*) from item") == [[0]]
    answer = await db.call("sql.batch", statements=[good, {"sql": "select id from item"}])
    assert [result["rows"] for result in answer["results"]] == [[], [[1]]]


async def test_a_transaction_that_reads_cannot_write(db: Any) -> None:
    answers = await db.calls(("sql.begin", {"mode": "read"}), COUNT, INSERT)
    assert answers[2]["error"]["code"] == "denied"
    assert await db.query("select count(*) from item") == [[0]]


LONG = {
    "sqlite": "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n",
    "postgres": "select pg_sleep(60)",
    "mariadb": "select sleep(60)",
}


async def test_a_deadline_ends_a_statement_and_the_function_goes_on(db: Any, engine: str) -> None:
    answers = await db.calls(("sql.query", {"sql": LONG[engine], "timeout": 0.2}), COUNT)
    assert answers[0]["error"]["code"] == "deadline"
    assert answers[1]["rows"] == [[0]]


async def test_an_invocation_s_end_ends_its_statement(db: Any, engine: str) -> None:
    line = ("call", "sql.query", {"sql": LONG[engine]})
    assert (await db.script(line, timeout=0.3)).late
    assert await db.query("select count(*) from item") == [[0]]


async def test_rows_are_limited_and_a_cursor_gives_them_all(connect: Any, db: Any, dsn: str) -> None:
    rows = ", ".join(f"({i}, 'n{i}')" for i in range(250))
    await db.query(f"insert into item (id, name) values {rows}")
    limited = await connect(dsn, db_max_rows=100)
    answers = await limited.calls(
        ("sql.query", {"sql": "select id from item"}),
        ("sql.query", {"sql": "select id from item order by id limit 100"}),
        ("sql.fetch", {"sql": "select id from item where id >= ? order by id", "params": [0]}),
        *[("sql.fetch", {"cursor": 1})] * 2,
    )
    assert answers[0]["error"]["code"] == "too-large"
    assert len(answers[1]["rows"]) == 100
    assert [row for answer in answers[2:] for row in answer["rows"]] == [[i] for i in range(250)]
    assert [answer["more"] for answer in answers[2:]] == [True, True, False]


async def test_memory_of_rows_is_limited(connect: Any, db: Any, dsn: str) -> None:
    await db.query("insert into kind (t) values (?)", "x" * 100_000)
    limited = await connect(dsn, db_max_bytes=50_000)
    answers = await limited.calls(("sql.query", {"sql": "select t from kind"}), COUNT)
    assert answers[0]["error"]["code"] == "too-large"
    assert answers[1]["rows"] == [[0]]


async def test_a_function_that_may_read_cannot_write(connect: Any, db: Any, dsn: str) -> None:
    reader = await connect(dsn, "read")
    answers = await reader.calls(
        COUNT, INSERT, ("sql.exec", {"sql": "drop table item"}), ("sql.begin", {}),
        ("sql.batch", {"statements": [{"sql": "delete from item"}]}), COUNT,
    )  # fmt: skip
    codes = [answer.get("error", {}).get("code") for answer in answers]
    assert codes == [None, "denied", "denied", "denied", "denied", None]
    assert all("db write" in answer["error"]["message"] for answer in answers[1:5])


async def test_migrations_run_once_and_in_order(connect: Any, db: Any, dsn: str, tmp_path: Path) -> None:
    for table in ("moved", "_gojinn_migrations"):
        await db.query(f"drop table if exists {table}")
    first = (
        "create table moved (a varchar(20)); -- it's here; %s ?\ninsert into moved values ('50%;'), ('b?');"
    )
    (tmp_path / "1.sql").write_text(first)
    clients = [await connect(dsn, migrations=str(tmp_path), db_pool=number) for number in (2, 3)]
    found = await asyncio.gather(*(each.query("select a from moved order by a") for each in clients))
    assert found == [[["50%;"], ["b?"]]] * 2
    (tmp_path / "2.sql").write_text("insert into moved values ('c'); select absent from moved")
    broken = await connect(dsn, migrations=str(tmp_path), db_pool=4)
    answer = await broken.call("sql.query", sql="select 1")
    assert answer["error"]["code"] == "migration"
    assert answer["error"]["message"].startswith("migration '2.sql': ")
    assert await db.query("select count(*) from moved") == [[2]]


async def test_many_functions_at_once(db: Any) -> None:
    answers = await asyncio.gather(*(db.query("select ?", number) for number in range(50)))
    assert answers == [[[number]] for number in range(50)]
