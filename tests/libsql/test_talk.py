"""Hrana over WebSocket, message for message."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
import pytest_asyncio
import websockets
from websockets.typing import Subprotocol

from gojinn.testing.app import App
from gojinn.testing.libsql import Body, Hrana, integer, serve_database, step

COUNTING = "with recursive n(i) as (select 1 union all select i + 1 from n where i < {}) select i from n"
BAD = '{"sql": "select ?", "args": [{"type": "integer", "value": "x"}]}'

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def app() -> AsyncIterator[App]:
    async with serve_database("query_timeout 2s", "idle_timeout 1s") as app:
        yield app


class Socket:
    """A client that sends what it is told."""

    def __init__(self, connection: websockets.ClientConnection) -> None:
        self.connection = connection
        self.number = 0

    async def send(self, message: Any) -> None:
        await self.connection.send(message if isinstance(message, str | bytes) else json.dumps(message))

    async def receive(self) -> Body:
        message: Body = json.loads(await asyncio.wait_for(self.connection.recv(), 10))
        return message

    async def hello(self, token: str | None = "secret") -> Body:
        await self.send({"type": "hello", "jwt": token})
        return await self.receive()

    async def ask(self, type: str, **fields: Any) -> Body:
        """Asks for something and returns the response, or the error."""
        self.number += 1
        await self.send({"type": "request", "request_id": self.number, "request": {"type": type, **fields}})
        answer = await self.receive()
        assert answer["request_id"] == self.number
        found: Body = answer.get("response") or answer["error"]
        return found

    async def execute(self, sql: str, stream: int = 1) -> Body:
        return await self.ask("execute", stream_id=stream, stmt={"sql": sql})

    async def closed(self) -> tuple[int | None, str | None]:
        """Waits until the server has closed the connection; returns code and reason."""
        await asyncio.wait_for(self.connection.wait_closed(), 10)
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def socket(app: App, *protocols: str) -> AsyncIterator[Socket]:
    url = app.url.replace("http", "ws")
    offered: Sequence[Subprotocol] = [Subprotocol(each) for each in protocols]
    connection = await websockets.connect(url, subprotocols=offered or None, max_size=None)
    try:
        yield Socket(connection)
    finally:
        if connection.close_code is None:
            await connection.close()


@asynccontextmanager
async def opened(app: App, protocol: str = "hrana3") -> AsyncIterator[Socket]:
    async with socket(app, protocol) as client:
        assert await client.hello() == {"type": "hello_ok"}
        assert await client.ask("open_stream", stream_id=1) == {"type": "open_stream"}
        yield client


async def test_the_best_subprotocol_is_agreed_on(app: App) -> None:
    for offered, agreed in (
        (("hrana1", "hrana2", "hrana3"), "hrana3"),
        (("hrana2", "hrana1"), "hrana2"),
        (("other", "hrana1"), "hrana1"),
        ((), None),
    ):
        async with socket(app, *offered) as client:
            assert client.connection.subprotocol == agreed
            assert await client.hello() == {"type": "hello_ok"}


async def test_everything_there_is_to_ask(app: App) -> None:
    async with opened(app) as client:
        assert await client.ask("store_sql", sql_id=7, sql="select ?1 as a") == {"type": "store_sql"}
        answer = await client.ask("execute", stream_id=1, stmt={"sql_id": 7, "args": [integer(3)]})
        assert answer["result"]["rows"] == [[integer(3)]]
        answer = await client.ask("describe", stream_id=1, sql_id=7)
        assert answer["result"]["params"] == [{"name": "?1"}]
        assert await client.ask("close_sql", sql_id=7) == {"type": "close_sql"}
        answer = await client.ask("sequence", stream_id=1, sql="begin; create table q (a);")
        assert answer == {"type": "sequence"}
        assert await client.ask("get_autocommit", stream_id=1) == {
            "type": "get_autocommit",
            "is_autocommit": False,
        }
        answer = await client.ask("batch", stream_id=1, batch={"steps": [step("rollback"), step("select x")]})
        assert [each is None for each in answer["result"]["step_errors"]] == [True, False]
        assert await client.ask("close_stream", stream_id=1) == {"type": "close_stream"}


async def test_cursors_are_fetched_bit_by_bit(app: App) -> None:
    async with opened(app) as client:
        rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100) select i from n"
        batch = {"steps": [step(rows), step("select nonsense")]}
        assert await client.ask("open_cursor", stream_id=1, cursor_id=5, batch=batch) == {
            "type": "open_cursor"
        }
        answer = await client.ask("fetch_cursor", cursor_id=5, max_count=2)
        assert ([each["type"] for each in answer["entries"]], answer["done"]) == (
            ["step_begin", "row"],
            False,
        )
        answer = await client.ask("fetch_cursor", cursor_id=5, max_count=1000)
        assert [each["type"] for each in answer["entries"]] == ["row"] * 99 + ["step_end", "step_error"]
        assert answer["done"]
        assert await client.ask("close_cursor", cursor_id=5) == {"type": "close_cursor"}
        assert (await client.execute("select 1"))["result"]["rows"] == [[integer(1)]]


async def test_streams_are_independent_and_requests_of_one_keep_their_order(app: App) -> None:
    slow = COUNTING.format(400_000).replace("select i from", "select max(i) from")
    async with opened(app) as client:
        await client.ask("open_stream", stream_id=2)
        for number, stream, sql in ((11, 1, slow), (12, 1, "select 1"), (21, 2, "select 1")):
            wanted = {"type": "execute", "stream_id": stream, "stmt": {"sql": sql}}
            await client.send({"type": "request", "request_id": number, "request": wanted})
        assert [(await client.receive())["request_id"] for _ in range(3)] == [21, 11, 12]


async def test_requests_may_be_sent_before_answers_arrive(app: App) -> None:
    async with socket(app, "hrana3") as client:
        await client.send({"type": "hello", "jwt": "secret"})
        wanted: Body = {"type": "open_stream", "stream_id": 1}
        await client.send({"type": "request", "request_id": 0, "request": wanted})
        for number in range(1, 1_000):
            wanted = {"type": "execute", "stream_id": 1, "stmt": {"sql": f"select {number}"}}
            await client.send({"type": "request", "request_id": number, "request": wanted})
        assert (await client.receive())["type"] == "hello_ok"
        assert [(await client.receive())["request_id"] for _ in range(1_000)] == list(range(1_000))


async def test_a_connection_that_is_cut_undoes_its_transactions(app: App) -> None:
    await Hrana(app).result({"type": "execute", "stmt": {"sql": "create table cut (a)"}})
    async with opened(app) as client:
        await client.execute("begin immediate")
        await client.execute("insert into cut values (1)")
        client.connection.transport.abort()
    await Hrana(app).result({"type": "execute", "stmt": {"sql": "insert into cut values (2)"}})
    assert await Hrana(app).value("select group_concat(a) from cut") == "2"


async def test_a_transaction_that_is_left_alone_is_undone(app: App) -> None:
    async with opened(app) as client:
        await client.execute("create table alone (a)")
        await client.execute("begin immediate")
        await client.execute("insert into alone values (1)")
        await Hrana(app).result({"type": "execute", "stmt": {"sql": "insert into alone values (2)"}})
        assert (await client.execute("select 1"))["code"] == "TRANSACTION_TIMEOUT"
        assert (await client.execute("select a from alone"))["result"]["rows"] == [[integer(2)]]


async def test_a_wrong_token_is_told_and_ends_the_connection(app: App) -> None:
    for token, code in (("wrong", "AUTH_JWT_INVALID"), (None, "AUTH_JWT_MISSING")):
        async with socket(app, "hrana2") as client:
            answer = await client.hello(token)
            assert (answer["type"], answer["error"]["code"]) == ("hello_error", code)
            await client.closed()


async def test_another_hello_changes_what_is_allowed(app: App) -> None:
    async with opened(app) as client:
        assert await client.hello("looking") == {"type": "hello_ok"}
        assert (await client.execute("create table forbidden (a)"))["code"] == "BLOCKED"


def request(text: str) -> str:
    """A message that asks for something."""
    return '{"type": "request", "request_id": 1, "request": ' + text + "}"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("", 1007),
        ("{", 1007),
        ("[]", 1007),
        ('{"type": "goodbye"}', 1007),
        ('{"type": "request", "request_id": 1}', 1007),
        (
            '{"type": "request", "request_id": 9999999999, "request": {"type": "close_sql", "sql_id": 1}}',
            1007,
        ),
        (request('{"type": "explode"}'), 1007),
        ("[" * 100_000, 1007),
        (b"{}", 1003),
        (request('{"type": "open_stream", "stream_id": 1}'), 1008),
        (request('{"type": "close_stream", "stream_id": 9}'), 1008),
        (request('{"type": "fetch_cursor", "cursor_id": 9, "max_count": 1}'), 1008),
        (request('{"type": "execute", "stream_id": 1, "stmt": {}}'), 1008),
        (request('{"type": "execute", "stream_id": 1, "stmt": ' + BAD + "}"), 1008),
    ],
    ids=range(14),
)
async def test_what_is_no_message_ends_the_connection(app: App, message: str | bytes, code: int) -> None:
    async with opened(app) as client:
        await client.send(message)
        assert (await client.closed())[0] == code


async def test_requests_before_hello_end_the_connection(app: App) -> None:
    async with socket(app, "hrana3") as client:
        await client.send(
            {"type": "request", "request_id": 1, "request": {"type": "open_stream", "stream_id": 1}}
        )
        assert await client.closed() == (1008, "Received a request before hello message")


async def test_the_first_version_lacks_what_came_later(app: App) -> None:
    later: tuple[Body, ...] = (
        {"type": "store_sql", "sql_id": 1, "sql": ""},
        {"type": "describe", "stream_id": 1, "sql": "select 1"},
        {"type": "sequence", "stream_id": 1, "sql": "select 1"},
        {"type": "get_autocommit", "stream_id": 1},
        {"type": "open_cursor", "stream_id": 1, "cursor_id": 1, "batch": {"steps": []}},
    )
    for each in later:
        async with opened(app, "hrana1") as client:
            await client.send(request(json.dumps(each)))
            code, reason = await client.closed()
            assert code == 1008
            assert reason is not None
            assert "only supported in protocol version" in reason


async def test_a_large_message_goes_through_and_a_larger_one_does_not(app: App) -> None:
    async with opened(app) as client:
        text = "x" * 5_000_000
        stmt = {"sql": "select length(?)", "args": [{"type": "text", "value": text}]}
        answer = await client.ask("execute", stream_id=1, stmt=stmt)
        assert answer["result"]["rows"] == [[integer(5_000_000)]]
        await client.connection.send("x" * 11_000_000)
        assert (await client.closed())[0] == 1009


async def test_a_stop_ends_idle_connections_at_once() -> None:
    async with serve_database() as stopping, opened(stopping) as client:
        stopped = asyncio.create_task(stopping.stop())
        assert (await client.closed())[0] == 1001
        async with asyncio.timeout(5):
            assert await stopped == 0


async def test_a_stop_waits_for_a_transaction_over_websocket() -> None:
    async with serve_database() as stopping, opened(stopping) as client:
        await client.execute("create table t (a)")
        await client.execute("begin immediate")
        stopped = asyncio.create_task(stopping.stop())
        await stopping.record("stopping")
        await client.execute("insert into t values (1)")
        await client.execute("commit")
        assert (await client.closed())[0] == 1001
        assert await stopped == 0


async def test_a_reload_does_not_end_conversations() -> None:
    async with serve_database() as app, opened(app) as client:
        await client.execute("create table t (a)")
        await client.execute("begin immediate")
        await app.reload(app.caddyfile.read_text().replace("auth_token secret", "auth_token other"))
        assert (await client.execute("insert into t values (1)"))["result"]["affected_row_count"] == 1
        await client.execute("commit")
        assert await Hrana(app, token="other").value("select count(*) from t") == "1"
        assert (await Hrana(app).post("/v2/pipeline", {"requests": []}))[0] == 401
