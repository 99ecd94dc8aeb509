"""Reads that the engine's core answers: the same as ever, never a stale one, nothing that was not granted."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import apsw
import pytest
from tests.capabilities.sql.test_operations import COUNT, INSERT, codes, insert

from gojinn.capabilities.sql.reads import OFTEN, cut
from gojinn.capabilities.sql.service import SqlService
from gojinn.testing.platform import Platform

pytestmark = pytest.mark.toolchain

NUMBERED = (
    "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) select count(*) from n"
)


@pytest.fixture
def service(platform: Platform) -> SqlService:
    """What has the databases open."""
    found: SqlService = platform.registry.host.at_once[b"sql.query"].__self__.service  # type: ignore[attr-defined]
    return found


@pytest.fixture
def reads(service: SqlService) -> Callable[[str], int]:
    """How often Python has answered a statement."""
    return lambda sql: sum(handle.database.file.plans[sql].reads for handle in service.handles.values())  # type: ignore[attr-defined]


Taught = Callable[..., Awaitable[Any]]


@pytest.fixture
def taught(client: Any, reads: Callable[[str], int]) -> Taught:
    """Asks for a query until the core answers it; returns that answer, which has been the same all along."""

    async def ask(sql: str, *params: Any) -> Any:
        first = await client.call("sql.query", sql=sql, params=list(params))
        for _ in range(OFTEN):
            assert await client.call("sql.query", sql=sql, params=list(params)) == first
        before = reads(sql)
        assert await client.call("sql.query", sql=sql, params=list(params)) == first
        assert reads(sql) == before, "Python has answered"
        return first

    return ask


async def test_a_query_that_comes_again_is_answered_by_the_core(client: Any, taught: Taught) -> None:
    await client.calls(insert("a"), insert("b"))
    answer = await taught("select id, text from note where id = ?", 2)
    assert answer == {
        "columns": [{"name": "id", "type": "INTEGER"}, {"name": "text", "type": "TEXT"}],
        "rows": [[2, "b"]],
    }
    assert await client.query("select id, text from note where id = ?", 1) == [[1, "a"]]
    assert await client.query("select id, text from note where id = ?", 3) == []


@pytest.mark.parametrize(
    "value",
    [
        *("null", "0", "-1", "9007199254740991", "9007199254740992", "-9007199254740992"),
        *("9223372036854775807", "-9223372036854775807 - 1"),
        *("1.0", "0.1", "-0.0", "1e300", "1.0 / 3", "5e-324", "123456789012345678.0", "9e999", "-9e999"),
        *(
            "''",
            "'a\"b\\c'",
            "char(1, 9, 10, 13, 31, 127)",
            "'Grüße, 世界 🌍'",
            "char(0x10ffff)",
            "'a' || char(0)",
        ),
    ],
)
async def test_values_are_written_as_python_writes_them(taught: Taught, value: str) -> None:
    await taught(f"select {value} as value")


@pytest.mark.parametrize("value", ["x'00ff'", "cast(x'ff' as text)", "cast(x'eda080' as text)"])
async def test_what_the_core_cannot_write_python_does(client: Any, value: str) -> None:
    sql = f"select {value} as value"
    first = await client.call("sql.query", sql=sql)
    for _ in range(2 * OFTEN):
        assert await client.call("sql.query", sql=sql) == first


PARAMETERS = [
    *(None, True, False, 0, 7, -7, 10**17, 2**63 - 1, 1.5, -0.0, 1e300),
    *("", "a", "Grüße 🌍", 'a"b', "a\\b", "a\nb", "]}", '"params":[', {"$blob": "AP8="}, {"$integer": "5"}),
]


async def test_parameters_are_what_they_were(client: Any, taught: Taught) -> None:
    sql = "select ? as a, typeof(?) as b"
    await taught(sql, "x", "x")
    for value in PARAMETERS:
        again = await client.query(sql, value, value)
        assert again == await client.query(f"{sql} ", value, value), value


@pytest.mark.parametrize("params", [[], [1, 2], [2**63], [[1]], {"a": 1}], ids=str)
async def test_wrong_parameters_stay_errors(client: Any, taught: Taught, params: Any) -> None:
    await taught("select ? + 0 as a", 1)
    answer = await client.call("sql.query", sql="select ? + 0 as a", params=params)
    assert codes([answer]) != [None]


@pytest.mark.parametrize(
    "text", [*("[1", "[1,]", "[,1]", "[01]", "[-]", "[tru]", "[1 2]", '["a]', "[\x01]", "[1]]")]
)
async def test_broken_json_stays_an_error(client: Any, taught: Taught, text: str) -> None:
    await taught("select ? as a", 1)
    answers = await client.script(("call", "sql.query", f'{{"sql": "select ? as a", "params": {text}}}'))
    assert answers.codes == ["bad-request"]


async def test_what_others_have_written_is_seen(client: Any, taught: Taught, tmp_path: Path) -> None:
    await taught("select count(*) from note")
    await client.call("sql.exec", sql=INSERT, params=["here"])
    assert await client.query("select count(*) from note") == [[1]]
    with apsw.Connection(str(tmp_path / "notes.db")) as other:
        other.execute(INSERT, ["elsewhere"])
    assert await client.query("select count(*) from note") == [[2]]


async def test_a_transaction_sees_what_it_has_written(client: Any, taught: Taught) -> None:
    await taught(COUNT[1]["sql"])
    count = ("sql.query", {**COUNT[1], "params": []})
    answers = await client.calls(count, ("sql.begin", {}), insert("a"), count, ("sql.rollback", {}), count)
    assert [answers[i]["rows"] for i in (0, 3, 5)] == [[[0]], [[1]], [[0]]]


async def test_a_guest_that_reads_after_its_write_sees_it(client: Any, taught: Taught) -> None:
    await taught("select count(*) from note")
    count = ("sql.query", {"sql": "select count(*) from note", "params": []})
    answers = await client.calls(count, insert("a"), count, insert("b"), count)
    assert [answers[i]["rows"] for i in (0, 2, 4)] == [[[0]], [[1]], [[2]]]


async def test_a_changed_schema_is_noticed(client: Any, taught: Taught) -> None:
    await client.calls(insert("a"))
    await taught("select * from note")
    await client.call("sql.exec", sql="alter table note add column more default 7")
    for _ in range(2):
        answer = await taught("select * from note")
        assert ([column["name"] for column in answer["columns"]], answer["rows"]) == (
            ["id", "text", "more"],
            [[1, "a", 7]],
        )
    await client.call("sql.exec", sql="drop table note")
    assert await client.query("select * from note") == "missing"


async def test_a_declared_type_is_kept(client: Any) -> None:
    await client.call("sql.exec", sql="create table day (at date)")
    await client.call("sql.exec", sql="insert into day values ('2026-11-25')")
    for _ in range(2 * OFTEN):
        assert await client.query("select at from day") == [[{"$date": "2026-11-25"}]]


async def test_more_rows_than_allowed_stay_an_error(connect: Any, client: Any, tmp_path: Path) -> None:
    narrow = await connect(str(tmp_path / "notes.db"), db_max_rows=2, db_max_bytes=100_000)
    await narrow.calls(insert("a"), insert("b"))
    for _ in range(2 * OFTEN):
        assert await narrow.query("select text from note") == [["a"], ["b"]]
    await narrow.call("sql.exec", sql="update note set text = text || ?", params=["x" * 200_000])
    assert await narrow.query("select text from note") == "too-large"
    await narrow.calls(("sql.exec", {"sql": "update note set text = id"}), insert("c"))
    assert await narrow.query("select text from note") == "too-large"


async def test_one_that_takes_long_this_time_goes_to_a_thread(client: Any, taught: Taught) -> None:
    await taught(NUMBERED, 10)
    assert await client.query(NUMBERED, 300_000) == [[300_000]]
    assert await client.query(NUMBERED, 10) == [[10]]


async def test_only_the_function_that_may_read_is_taught(
    connect: Any, client: Any, taught: Taught, tmp_path: Path
) -> None:
    await taught("select count(*) from note")
    writer = await connect(str(tmp_path / "notes.db"), "write")
    reader = await connect(str(tmp_path / "notes.db"), "read")
    assert await reader.query("insert into note (text) values ('a') returning id") == "denied"
    for _ in range(2 * OFTEN):
        assert await reader.query("select count(*) from note") == [[0]]
        assert await writer.query("select count(*) from note") == [[0]]
        assert await reader.query("insert into note (text) values ('a') returning id") == "denied"


async def test_each_tenant_reads_its_own(connect: Any) -> None:
    client = await connect("tenant:")
    select = ("call", "sql.query", json.dumps({"sql": "select a from t", "params": []}))
    for tenant in ("one", "two"):
        await client.script(
            ("call", "sql.exec", json.dumps({"sql": "create table t (a)"})),
            ("call", "sql.exec", json.dumps({"sql": "insert into t values (?)", "params": [tenant]})),
            tenant=tenant,
        )
    for _ in range(2 * OFTEN):
        for tenant in ("one", "two"):
            assert (await client.script(select, tenant=tenant)).json[0]["rows"] == [[tenant]]


async def test_a_database_that_is_closed_is_opened_again(
    client: Any, taught: Taught, service: SqlService
) -> None:
    await client.calls(insert("a"))
    await taught("select text from note")
    for handle in [*service.handles.values()]:
        handle.last = -1
        await handle.database.close()
    service.handles.clear()
    assert await taught("select text from note") == {
        "columns": [{"name": "text", "type": "TEXT"}],
        "rows": [["a"]],
    }


async def test_more_statements_than_the_core_remembers_are_answered(client: Any) -> None:
    for number in range(80):
        for _ in range(OFTEN + 1):
            assert await client.query(f"select {number} + ?", 1) == [[number + 1]]


async def test_functions_come_and_go(
    connect: Any, client: Any, taught: Taught, tmp_path: Path, platform: Platform
) -> None:
    for size in range(1_000, 1_003):
        other = await connect(str(tmp_path / "notes.db"), db_max_rows=size)
        for _ in range(2 * OFTEN):
            assert await other.query("select count(*) from note") == [[0]]
        platform.registry.release(other.function)
    await taught("select count(*) from note")


def test_requests_are_cut_around_their_parameters() -> None:
    for text, head, tail in (
        (b'{"sql":"select 1","params":[1,"]"]}', b'{"sql":"select 1","params":[', b"]}"),
        (b'{"params" : [7],"sql":"select 1"}', b'{"params" : [', b'],"sql":"select 1"}'),
        (b'{"sql":"select 1"}', b'{"sql":"select 1"}', b""),
    ):
        found = cut(text)
        assert found is not None
        assert found[1:] == (head, tail)


@pytest.mark.parametrize(
    "text",
    [
        b'{"params":[7],"sql":"select a[1]"}',
        b'{"params":[7],"sql":"select 1","params":[8]}',
        b'{"sql":"select 1","params":[],"params":null}',
        b'{"sql":"select 1","params":[],"timeout":1}',
        b'{"sql":"select 1","params":[],"objects":true}',
        b'{"sql":"select \\u0000","params":[]}',
    ],
)
def test_requests_that_cannot_be_cut_are_not(text: bytes) -> None:
    assert cut(text) is None
