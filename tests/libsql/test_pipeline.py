"""Hrana over HTTP, byte for byte: what clients may send, and what comes of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from gojinn.testing.app import App
from gojinn.testing.libsql import CLOSE, Body, Hrana, batch, execute, integer, serve_database, step

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def running() -> AsyncIterator[App]:
    async with serve_database("query_timeout 2s", "max_response 200KB") as app:
        yield app


@pytest.fixture
def client(running: App) -> Hrana:
    return Hrana(running)


async def test_values_and_results_have_their_shapes(client: Hrana) -> None:
    found = await client.result(execute("select null, 1 as a, 0.5, 'x', x'00ff10'"))
    assert found["cols"][1] == {"name": "a", "decltype": None}
    assert found["rows"] == [
        [
            {"type": "null"},
            {"type": "integer", "value": "1"},
            {"type": "float", "value": 0.5},
            {"type": "text", "value": "x"},
            {"type": "blob", "base64": "AP8Q"},
        ]
    ]
    assert (found["affected_row_count"], found["last_insert_rowid"]) == (0, None)


@pytest.mark.parametrize("base64", ["AA", "AA=="])
async def test_blobs_are_read_with_padding_or_without_and_written_without(client: Hrana, base64: str) -> None:
    found = await client.result(execute("select ?", {"type": "blob", "base64": base64}))
    assert found["rows"] == [[{"type": "blob", "base64": "AA"}]]


async def test_rows_that_are_not_wanted_are_not_sent(client: Hrana) -> None:
    found = await client.result(execute("select 1", want_rows=False))
    assert (found["rows"], len(found["cols"])) == ([], 1)


async def test_names_go_before_positions(client: Hrana) -> None:
    named = [{"name": ":b", "value": integer(2)}]
    found = await client.result(execute("select ?, :b", integer(1), named_args=named))
    assert found["rows"] == [[integer(1), integer(2)]]


async def test_describe_tells_parameters_and_columns(client: Hrana) -> None:
    await client.first(execute("create table described (a integer, b text)"))
    described = {"type": "describe", "sql": "select a, b, 1 + 1 as c from described where a > ?2 and b = :n"}
    found = await client.result(described)
    assert found["params"] == [{"name": None}, {"name": "?2"}, {"name": ":n"}]
    assert found["cols"][:2] == [{"name": "a", "decltype": "INTEGER"}, {"name": "b", "decltype": "TEXT"}]
    assert (found["is_explain"], found["is_readonly"]) == (False, True)
    found = await client.result({"type": "describe", "sql": "explain delete from described"})
    assert (found["is_explain"], found["params"]) == (True, [])
    found = await client.result({"type": "describe", "sql": "insert into described values (@x, $y)"})
    assert (found["params"], found["is_readonly"]) == ([{"name": "@x"}, {"name": "$y"}], False)


async def test_texts_are_stored_for_the_stream(client: Hrana) -> None:
    answer = await client.pipeline({"type": "store_sql", "sql_id": 1, "sql": "select 7"})
    by_number = {"type": "execute", "stmt": {"sql_id": 1}}
    answer = await client.pipeline(
        by_number,
        {"type": "close_sql", "sql_id": 1},
        {"type": "close_sql", "sql_id": 9},
        baton=answer["baton"],
    )
    assert answer["results"][0]["response"]["result"]["rows"] == [[integer(7)]]
    assert [each["type"] for each in answer["results"]] == ["ok", "ok", "ok"]
    status, text = await client.post("/v3/pipeline", {"baton": answer["baton"], "requests": [by_number]})
    assert (status, text) == (400, "SQL text 1 not found")


async def test_conditions_decide_about_steps(client: Hrana) -> None:
    def ok(number: int) -> Body:
        return {"type": "ok", "step": number}

    def failed(number: int) -> Body:
        return {"type": "error", "step": number}

    found = await client.result(
        batch(
            step("select 0"),
            step("select nonsense", ok(0)),
            step("select 2", ok(1)),
            step("select 3", failed(1)),
            step("select 4", failed(2)),
            step("select 5", {"type": "not", "cond": ok(2)}),
            step("select 6", {"type": "and", "conds": [ok(0), ok(3)]}),
            step("select 7", {"type": "and", "conds": [ok(0), ok(2)]}),
            step("select 8", {"type": "or", "conds": [ok(2), ok(3)]}),
            step("select 9", {"type": "or", "conds": []}),
            step("select 10", {"type": "and", "conds": []}),
            step("begin", {"type": "is_autocommit"}),
            step("select 12", {"type": "is_autocommit"}),
            step("rollback", {"type": "not", "cond": {"type": "is_autocommit"}}),
        ),
    )
    executed = [index for index, each in enumerate(found["step_results"]) if each is not None]
    assert executed == [0, 3, 5, 6, 8, 10, 11, 13]
    assert [index for index, each in enumerate(found["step_errors"]) if each is not None] == [1]
    assert found["step_errors"][1]["code"] == "SQL_INPUT_ERROR"


async def test_ten_thousand_steps(client: Hrana) -> None:
    found = await client.result(batch(*[step(f"select {number % 7}") for number in range(5_000)] * 2))
    answered = [each for each in found["step_results"] if each]
    failures = {each["code"] for each in found["step_errors"] if each}
    assert len(found["step_results"]) == 10_000
    assert len(answered) == 10_000 or failures == {"RESPONSE_TOO_LARGE"}


async def test_autocommit_follows_the_transaction(client: Hrana) -> None:
    ask = {"type": "get_autocommit"}
    answer = await client.pipeline(ask, execute("begin"), ask, execute("commit"), ask, CLOSE)
    states = [each["response"].get("is_autocommit") for each in answer["results"]]
    assert states == [True, None, False, None, True, None]


async def test_sequence_stops_at_the_first_error(client: Hrana) -> None:
    script = "create table s (a); insert into s values (1); select nonsense; insert into s values (2);"
    assert await client.code({"type": "sequence", "sql": script}) == "SQL_INPUT_ERROR"
    assert (await client.result(execute("select a from s")))["rows"] == [[integer(1)]]


async def test_cursor_sends_entries_in_lines(client: Hrana) -> None:
    steps = [
        step("select 1 as a union all select 2"),
        step("select nonsense"),
        step("select 3", {"type": "ok", "step": 1}),
        step("create table c (a)"),
    ]
    body = json.dumps({"batch": {"steps": steps}})
    status, answer = await client.app.get(
        "/v3/cursor", method="POST", data=body, headers={"authorization": "Bearer secret"}
    )
    head, *entries = [json.loads(line) for line in answer.decode().splitlines()]
    assert status == 200
    assert [entry["type"] for entry in entries] == [
        *("step_begin", "row", "row", "step_end", "step_error", "step_begin", "step_end")
    ]
    assert [entries[0]["step"], entries[4]["step"], entries[5]["step"]] == [0, 1, 3]
    assert entries[1] == {"type": "row", "row": [integer(1)]}
    answer = await client.pipeline(execute("select * from c"), CLOSE, baton=head["baton"])
    assert answer["results"][0]["type"] == "ok"


async def test_the_first_version_has_no_streams(client: Hrana) -> None:
    status, answer = await client.post("/v1/execute", {"stmt": {"sql": "select 1"}})
    assert (status, answer["result"]["rows"]) == (200, [[integer(1)]])
    status, answer = await client.post("/v1/batch", {"batch": {"steps": [step("begin"), step("select 2")]}})
    assert (status, answer["result"]["step_results"][1]["rows"]) == (200, [[integer(2)]])
    status, answer = await client.post("/v1/execute", {"stmt": {"sql": "select nonsense"}})
    assert (status, answer["code"]) == (400, "SQL_INPUT_ERROR")


async def test_statements_of_the_time_before_hold_together(client: Hrana) -> None:
    statements = [
        "create table v0 (a, b)",
        {"q": "insert into v0 values (?, ?)", "params": [1, None]},
        {"q": "insert into v0 values (:a, @b)", "params": {":a": "x", "b": {"base64": "AP8"}}},
        "select * from v0",
    ]
    for path in ("/", "/queries"):
        status, answer = await client.post(path, {"statements": ["drop table if exists v0", *statements]})
        assert status == 200
        assert answer[-1]["results"]["columns"] == ["a", "b"]
        assert answer[-1]["results"]["rows"] == [[1, None], ["x", {"base64": "AP8"}]]
    status, answer = await client.post("/", {"statements": ["delete from v0", "select nonsense"]})
    assert (status, answer["code"]) == (400, "SQL_INPUT_ERROR")
    assert answer["error"] == answer["message"]
    status, answer = await client.post("/", {"statements": ["select count(*) from v0"]})
    assert answer[0]["results"]["rows"] == [[2]]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("", "SQL_NO_STATEMENT"),
        ("  -- x\n /* y */ ;;", "SQL_NO_STATEMENT"),
        ("select 1; select 2", "SQL_MANY_STATEMENTS"),
        ("selec 1", "SQL_PARSE_ERROR"),
        ("select 'open", "SQL_PARSE_ERROR"),
        ("select * from missing", "SQLITE_UNKNOWN"),
        ("select missing", "SQL_INPUT_ERROR"),
        ("commit", "SQLITE_UNKNOWN"),
        ("attach 'x' as y", "SQLITE_AUTH"),
        ("vacuum into 'x.db'", "SQLITE_AUTH"),
        ("pragma writable_schema = 1", "SQLITE_AUTH"),
        ("select abs(-9223372036854775808)", "SQLITE_UNKNOWN"),
        ("select zeroblob(1000000000)", "SQLITE_TOOBIG"),
        ("select randomblob(300000), randomblob(300000)", "RESPONSE_TOO_LARGE"),
        (
            "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n",
            "SQLITE_INTERRUPT",
        ),
    ],
)
async def test_statements_that_fail_have_their_code(client: Hrana, sql: str, expected: str) -> None:
    assert await client.code(execute(sql)) == expected


async def test_unknown_fields_are_ignored(client: Hrana) -> None:
    body = {"requests": [{**execute("select 1"), "color": "red"}, CLOSE], "shape": "round"}
    status, answer = await client.post("/v3/pipeline", body)
    assert (status, answer["results"][0]["type"]) == (200, "ok")


async def test_newer_requests_need_the_newer_version(client: Hrana) -> None:
    for request in (
        {"type": "get_autocommit"},
        batch(step("begin"), step("select 1", {"type": "is_autocommit"})),
    ):
        status, text = await client.post("/v2/pipeline", {"requests": [request]})
        assert status == 400
        assert "hrana3" in text


async def test_batons_cannot_be_made_used_twice_or_after_the_end(client: Hrana) -> None:
    begun = (await client.pipeline(execute("begin")))["baton"]
    used = (await client.pipeline(execute("select 1"), baton=begun))["baton"]
    assert used != begun
    for baton in ("", "x", "ü", begun[:-4], begun[:-4] + "AAAA", "A" * 86, "A" * 10_000):
        status, text = await client.post("/v3/pipeline", {"baton": baton, "requests": []})
        assert (status, text) == (400, "Received an invalid baton")
    status, text = await client.post("/v3/pipeline", {"baton": begun, "requests": []})
    assert (status, text) == (400, "Received a baton that has already been used")
    ended = await client.pipeline(CLOSE, baton=used)
    assert ended["baton"] is None
    assert (await client.post("/v3/pipeline", {"baton": used, "requests": []}))[0] == 400


async def test_requests_behind_the_end_of_a_stream_are_refused(client: Hrana) -> None:
    status, text = await client.post("/v3/pipeline", {"requests": [CLOSE, execute("select 1")]})
    assert (status, text) == (400, "Stream for this baton was closed")


async def test_one_baton_is_used_by_one_request(client: Hrana) -> None:
    baton = (await client.pipeline(execute("select 1")))["baton"]
    slow = ENDLESS.replace("from n)", "from n where i < 300000)")
    body = {"baton": baton, "requests": [execute(slow)]}
    answers = await asyncio.gather(*(client.post("/v3/pipeline", body) for _ in range(5)))
    assert sorted(status for status, _ in answers) == [200, 400, 400, 400, 400]
