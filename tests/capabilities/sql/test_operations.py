"""The operations as a guest sees them: grants, transactions, batches, cursors."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from gojinn.testing.platform import Platform
from gojinn.testing.script import Script

pytestmark = pytest.mark.toolchain

INSERT = "insert into note (text) values (?)"
COUNT = ("sql.query", {"sql": "select count(*) from note"})


def insert(text: str) -> tuple[str, dict[str, Any]]:
    return "sql.exec", {"sql": INSERT, "params": [text]}


def lines(*calls: tuple[str, Any]) -> list[tuple[str, str, Any]]:
    return [("call", name, request) for name, request in calls]


def codes(answers: list[Any]) -> list[str | None]:
    return [answer.get("error", {}).get("code") for answer in answers]


async def test_a_query_answers_columns_and_rows(client: Any) -> None:
    changed, found = await client.calls(insert("a"), ("sql.query", {"sql": "select id, text from note"}))
    assert changed == {"changes": 1, "last_id": 1}
    assert found == {
        "columns": [{"name": "id", "type": "INTEGER"}, {"name": "text", "type": "TEXT"}],
        "rows": [[1, "a"]],
    }


async def test_rows_may_be_objects(client: Any) -> None:
    answer = await client.call("sql.query", sql="select 1 as a, :b as b", params={"b": "x"}, objects=True)
    assert answer == {"rows": [{"a": 1, "b": "x"}]}


async def test_a_transaction_holds_together(client: Any) -> None:
    answers = await client.calls(
        ("sql.begin", {}), insert("a"), COUNT, ("sql.rollback", {}), COUNT,
        ("sql.begin", {"mode": "write"}), insert("b"), ("sql.commit", {}), COUNT,
    )  # fmt: skip
    assert codes(answers) == [None] * 9
    assert [answers[i]["rows"] for i in (2, 4, 8)] == [[[1]], [[0]], [[1]]]


async def test_what_a_guest_leaves_open_is_undone(client: Any) -> None:
    await client.calls(("sql.begin", {}), insert("a"), COUNT)
    assert await client.query("select count(*) from note") == [[0]]
    assert (await client.call("sql.exec", sql=INSERT, params=["b"]))["changes"] == 1


async def test_an_invocation_that_is_killed_leaves_nothing(client: Any) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    calls = ("sql.begin", {}), insert("a"), ("sql.query", {"sql": endless})
    assert (await client.script(*lines(*calls), timeout=0.3)).late
    assert await client.query("select count(*) from note") == [[0]]


async def test_a_statement_may_have_less_time_than_the_invocation(client: Any) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    answers = await client.calls(("sql.query", {"sql": endless, "timeout": 0.05}), COUNT)
    assert codes(answers) == ["deadline", None]


async def test_there_is_one_transaction_at_a_time(client: Any) -> None:
    answers = await client.calls(("sql.begin", {}), ("sql.begin", {}), ("sql.commit", {}), ("sql.commit", {}))
    assert codes(answers) == [None, "too-many", None, "no-transaction"]


async def test_statements_do_not_steer_transactions(client: Any) -> None:
    for sql in ("begin", "begin immediate", "commit", "rollback", "end"):
        assert await client.query(sql) in ("bad-request", "syntax"), sql


async def test_a_transaction_that_is_open_for_too_long_is_undone(connect: Any, tmp_path: Path) -> None:
    client = await connect(str(tmp_path / "slow.db"), db_tx_timeout=0.1)
    await client.query("create table note (id integer primary key, text text)")
    slow = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n"
    answers = await client.calls(
        ("sql.begin", {}), insert("a"), ("sql.query", {"sql": slow}), COUNT, COUNT, ("sql.commit", {})
    )
    assert codes(answers) == [None, None, "deadline", "no-transaction", None, "no-transaction"]
    assert "db_tx_timeout" in answers[3]["error"]["message"]
    assert answers[4]["rows"] == [[0]]


async def test_a_batch_is_all_or_nothing(client: Any) -> None:
    statements = [{"sql": INSERT, "params": [text]} for text in ("a", "b", "a")]
    answer = await client.call("sql.batch", statements=statements)
    assert answer["error"]["code"] == "unique"
    assert answer["error"]["message"].startswith("statement 2: ")
    assert await client.query("select count(*) from note") == [[0]]
    answer = await client.call("sql.batch", statements=[*statements[:2], {"sql": "select * from note"}])
    assert [result["changes"] for result in answer["results"]] == [1, 1, 0]
    assert answer["results"][2]["rows"] == [[1, "a"], [2, "b"]]


async def test_a_cursor_gives_all_rows_in_parts(connect: Any, tmp_path: Path) -> None:
    client = await connect(str(tmp_path / "many.db"), db_max_rows=1_000)
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2500) select i from n"
    assert (await client.call("sql.query", sql=rows))["error"]["code"] == "too-large"
    answers = await client.calls(
        ("sql.fetch", {"sql": rows, "rows": 999_999}),
        ("sql.fetch", {"cursor": 1}),
        ("sql.fetch", {"cursor": 1, "rows": 600}),
        ("sql.fetch", {"cursor": 1}),
    )
    assert [len(answer["rows"]) for answer in answers[:3]] == [1_000, 1_000, 500]
    assert [answer["more"] for answer in answers[:3]] == [True, True, False]
    assert [row for answer in answers[:3] for row in answer["rows"]] == [[i] for i in range(1, 2_501)]
    assert codes(answers[3:]) == ["no-cursor"]


async def test_cursors_are_few_only_read_and_end_with_the_guest(client: Any) -> None:
    opened = ("sql.fetch", {"sql": "select 1 union all select 2", "rows": 1})
    answers = await client.calls(*[opened] * 5, ("sql.close", {"cursor": 1}), opened, opened)
    assert codes(answers) == [None, None, None, None, "too-many", None, None, "too-many"]
    answers = await client.calls(*[opened] * 4)
    assert codes(answers) == [None] * 4
    assert codes([await client.call("sql.fetch", sql="delete from note")]) == ["denied"]


async def test_a_function_that_may_read_cannot_write(connect: Any, client: Any, tmp_path: Path) -> None:
    reader = await connect(str(tmp_path / "notes.db"), "read")
    answers = await reader.calls(
        COUNT, insert("a"), ("sql.begin", {}), ("sql.batch", {"statements": [{"sql": "delete from note"}]}),
        ("sql.begin", {"mode": "read"}), COUNT, insert("a"), ("sql.commit", {}),
        ("sql.query", {"sql": "insert into note (text) values ('x') returning id"}),
    )  # fmt: skip
    assert codes(answers) == [None, "denied", "denied", "denied", None, None, "denied", None, "denied"]
    for answer in (answers[1], answers[2], answers[3], answers[6]):
        assert "add the line 'db write *' to 'permissions'" in answer["error"]["message"]
    assert reader.function.usage.denials["db write"] == 5
    assert await client.query("select count(*) from note") == [[0]]


async def test_a_function_that_may_write_can_read(connect: Any, client: Any, tmp_path: Path) -> None:
    writer = await connect(str(tmp_path / "notes.db"), "write")
    assert codes(await writer.calls(COUNT, insert("a"))) == [None, None]


async def test_without_a_database_the_error_names_the_line(platform: Platform) -> None:
    answers = await Script(platform)(("call", *COUNT))
    assert answers.codes == ["not-configured"]
    assert "db_dsn" in answers[0]


@pytest.mark.parametrize(
    ("name", "request_"),
    [
        ("sql.query", {}),
        ("sql.query", []),
        ("sql.query", {"sql": 1}),
        ("sql.query", {"sql": "select 1", "params": "x"}),
        ("sql.query", {"sql": "select 1", "parms": []}),
        ("sql.begin", {"mode": "loud"}),
        ("sql.batch", {"statements": {}}),
        ("sql.fetch", {}),
        ("sql.close", {}),
        ("sql.close", {"cursor": "x"}),
    ],
)
async def test_a_request_that_is_none_is_said_to_be(client: Any, name: str, request_: Any) -> None:
    assert codes(await client.calls((name, request_))) == ["bad-request"]


async def test_many_invocations_at_once_write_one_after_the_other(client: Any) -> None:
    calls = (client.calls(("sql.begin", {}), insert(f"n{i}"), ("sql.commit", {})) for i in range(30))
    for answers in await asyncio.gather(*calls):
        assert codes(answers) == [None] * 3
    assert await client.query("select count(*) from note") == [[30]]
