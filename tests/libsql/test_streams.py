"""Streams over HTTP between two requests: left alone, on another worker, through a reload, after a crash."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from pathlib import Path
from time import monotonic

import pytest

from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads
from gojinn.libsql.batons import BatonKey, Batons
from gojinn.libsql.codec import JSON
from gojinn.libsql.pipeline import Pipelines, Terms
from gojinn.libsql.stream import Stream
from gojinn.libsql.streams import Streams
from gojinn.libsql.walls import Walls
from gojinn.testing.app import serve
from gojinn.testing.guests import wat_guest
from gojinn.testing.libsql import CLOSE, Hrana, execute, integer, serve_database, step

pytestmark = pytest.mark.slow

TABLE = execute("create table t (a)")
INSERT = execute("insert into t values (1)")
ENDLESS = execute("with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n")


async def begun(client: Hrana) -> str:
    """Begins a transaction that has written, and returns its baton."""
    answer = await client.pipeline(execute("begin immediate"), INSERT)
    assert [each["type"] for each in answer["results"]] == ["ok", "ok"], answer
    baton: str = answer["baton"]
    return baton


async def test_a_stream_that_is_left_alone_is_undone_and_writers_wait_for_that() -> None:
    async with serve_database("idle_timeout 1s", workers=2) as app:
        client = Hrana(app)
        await client.result(TABLE)
        baton = await begun(client)
        start = monotonic()
        # Each worker has its own queue of writers; these reach both.
        await asyncio.gather(*(client.result(execute("insert into t values (2)")) for _ in range(6)))
        assert 0.5 < monotonic() - start < 15
        assert await client.value("select group_concat(a, '') from t") == "222222"
        status, answer = await client.post("/v3/pipeline", {"baton": baton, "requests": [INSERT]})
        assert (status, answer["code"]) == (400, "STREAM_EXPIRED")


async def test_requests_keep_a_stream_alive_on_whichever_worker_and_cursors_do_too() -> None:
    async with serve_database("idle_timeout 1s", workers=3) as app:
        client = Hrana(app)
        await client.result(TABLE)
        baton = await begun(client)
        for _ in range(30):
            answer = await client.pipeline(INSERT, baton=baton)
            baton = answer["baton"]
        await client.pipeline(execute("commit"), CLOSE, baton=baton)
        assert await client.value("select count(*) from t") == "31"

        baton = (await client.pipeline(execute("begin")))["baton"]
        rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 999) select i from n"
        steps = [step(rows), step("select 1", {"type": "is_autocommit"})]
        for _ in range(4):
            status, answer = await client.post("/v3/cursor", {"baton": baton, "batch": {"steps": steps}})
            lines = answer.splitlines()
            assert (status, len(lines)) == (200, 1 + 1 + 999 + 1)
            baton = json.loads(lines[0])["baton"]


async def test_the_wait_for_the_next_request_begins_when_all_results_are_sent(tmp_path: Path) -> None:
    threads = Threads(2)
    async with SqliteFile(str(tmp_path / "test.db"), threads) as file:
        streams = Streams()
        held = streams.add("test", Stream(file, lambda: None, Walls()), idle=60, most=1)
        request = JSON.cursor(json.dumps({"batch": {"steps": [step("select 1")]}}).encode())
        pipelines = Pipelines(streams, Batons(BatonKey(b"secret")))
        chunks = await pipelines.cursor(held, request, Terms(3, readonly=False), JSON)
        begun = held.timer
        assert begun is not None
        assert b"".join([chunk async for chunk in chunks]).count(b"\n") == 4
        assert begun.cancelled()
        assert held.timer is not None
        assert not held.timer.cancelled()
        await streams.close(held)
    threads.close()


async def test_a_transaction_that_blocks_others_for_too_long_is_undone() -> None:
    async with serve_database("transaction_timeout 1s", "idle_timeout 30s") as app:
        client = Hrana(app)
        await client.result(TABLE)
        baton = await begun(client)
        start = monotonic()
        await client.result(execute("insert into t values (2)"))
        assert 0.5 < monotonic() - start < 15
        answer = await client.pipeline(INSERT, execute("select a from t"), CLOSE, baton=baton)
        lost, after, _ = answer["results"]
        assert lost["error"]["code"] == "TRANSACTION_TIMEOUT"
        assert after["response"]["result"]["rows"] == [[integer(2)]]


async def test_a_client_that_goes_away_stops_its_statement() -> None:
    async with serve_database("query_timeout 30s") as app:
        client = Hrana(app)
        await client.result(TABLE)
        # The statement ahead of the endless one tells, by what it locks, that this is running.
        asking = asyncio.create_task(client.pipeline(execute("begin immediate"), INSERT, ENDLESS))
        writing = asyncio.create_task(client.result(execute("insert into t values (2)")))
        assert not (await asyncio.wait((asking, writing), timeout=1))[0]
        asking.cancel()
        async with asyncio.timeout(5):
            await writing
        assert await client.value("select group_concat(a, '') from t") == "2"


async def test_a_worker_that_is_killed_takes_its_streams_with_it() -> None:
    async with serve_database(workers=2) as app:
        client = Hrana(app)
        await client.result(TABLE)
        batons = [(await client.pipeline(execute("select 1")))["baton"] for _ in range(8)]
        for pid in await app.worker_pids():
            os.kill(pid, signal.SIGKILL)
        await app.record("worker started")
        answers = [
            await client.post("/v3/pipeline", {"baton": baton, "requests": [INSERT]}) for baton in batons
        ]
        assert {(status, answer["code"]) for status, answer in answers} == {(400, "STREAM_EXPIRED")}


async def test_a_reload_does_not_end_streams() -> None:
    async with serve_database(workers=2) as app:
        client = Hrana(app)
        await client.result(TABLE)
        baton = await begun(client)
        text = app.caddyfile.read_text()
        await app.reload(text.replace("auth_token secret", "auth_token secret\nmax_rows 500"))
        for _ in range(4):
            baton = (await client.pipeline(INSERT, baton=baton))["baton"]
        await client.pipeline(execute("commit"), CLOSE, baton=baton)
        assert await client.value("select count(*) from t") == "5"


async def test_a_baton_leads_to_no_other_database() -> None:
    async with serve_database() as app:
        await app.reload(
            app.caddyfile.read_text()
            + "\nhttp://127.0.0.1:0 {\nhandle /a/* {\nlibsql ./test.db {\nno_auth\n}\n}\n"
            + "libsql ./other.db {\nno_auth\n}\n}\n"
        )
        client = Hrana(app)
        baton = (await client.pipeline(execute("select 1")))["baton"]
        status = await app.status()
        other = next(url for site in status["sites"] for url in site["urls"] if url not in app.urls)
        body = {"baton": baton, "requests": []}
        async with app.session.post(other + "/v3/pipeline", json=body) as response:
            assert (response.status, await response.text()) == (400, "Received an invalid baton")
        async with app.session.post(other + "/a/v3/pipeline", json=body) as response:
            assert response.status == 200


async def test_there_are_only_so_many_streams() -> None:
    async with serve_database("max_streams 2") as app:
        client = Hrana(app)
        first = (await client.pipeline(execute("select 1")))["baton"]
        await client.pipeline(execute("select 1"))
        status, answer = await client.post("/v3/pipeline", {"requests": []})
        assert (status, answer["code"]) == (400, "STREAM_TOO_MANY")
        await client.pipeline(CLOSE, baton=first)
        await client.pipeline(execute("select 1"))


async def test_a_stop_undoes_what_is_open() -> None:
    async with serve_database() as app:
        client = Hrana(app)
        await client.result(TABLE)
        await begun(client)
        start = monotonic()
        assert await app.stop() == 0
        assert monotonic() - start < 9  # less than the grace period


INSERTING = """(module
  (import "gojinn" "host_db_query" (func $query (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 64) "insert into t values (7) returning 'written' as note")
  (data (i32.const 128) "{\\"status\\":200,\\"body\\":\\"done\\"}")
  (data (i32.const 16) "\\80\\00\\00\\00\\1c\\00\\00\\00")
  (func (export "_start")
    (if (i32.lt_s (call $query (i32.const 64) (i32.const 52) (i32.const 256) (i32.const 4096)) (i32.const 20))
      (then unreachable))
    (if (i32.ne (i32.load8_u (i32.const 259)) (i32.const 110)) (then unreachable))
    (drop (call $fd_write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))"""
"""Inserts a row and answers 200; traps unless the answer begins with a row that has the column `note`."""


async def test_functions_that_write_wait_for_a_transaction_of_a_client() -> None:
    site = f"""http://localhost:0 {{
        handle_path /db/* {{
            libsql ./test.db {{
                auth_token secret
                idle_timeout 1s
            }}
        }}
        gojinn * {wat_guest(INSERTING)} {{
            db_driver sqlite
            db_dsn ./test.db
        }}
    }}"""
    async with serve(site, workers=2) as app:
        client = Hrana(app, "/db")
        await client.result(TABLE)
        await begun(client)
        start = monotonic()
        answers = await asyncio.gather(*(app.get("/insert") for _ in range(10)))
        assert set(answers) == {(200, b"done")}
        assert 0.5 < monotonic() - start < 15
        assert await client.value("select group_concat(a, '') from t") == "7" * 10
