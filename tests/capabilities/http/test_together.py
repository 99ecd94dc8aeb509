"""Tests of several requests at once: `http.start`, `http.wait` and `http.cancel`."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from aiohttp import web
from tests.capabilities.http.conftest import Asking, serving
from tests.capabilities.http.test_hostile import talking

from gojinn.capabilities.http.answers import Room
from gojinn.capabilities.http.failure import Failure
from gojinn.capabilities.http.underway import Underway
from gojinn.testing.script import Answers

pytestmark = pytest.mark.slow


def start(url: str, **request: Any) -> tuple[str, str, dict[str, Any]]:
    return ("call", "http.start", {"url": url, **request})


def wait(*ids: int, **more: Any) -> tuple[str, str, dict[str, Any]]:
    return ("call", "http.wait", {"ids": list(ids), **more})


def cancel(number: int) -> tuple[str, str, dict[str, Any]]:
    return ("call", "http.cancel", {"id": number})


async def run(asking: Asking, *lines: tuple[str, str, dict[str, Any]], **options: Any) -> Answers:
    return await (await asking.script("127.0.0.1"))(*lines, **options)


class Meeting:
    """A server that answers when all who are expected have asked."""

    def __init__(self, expected: int) -> None:
        self.barrier = asyncio.Barrier(expected)

    async def __call__(self, request: web.BaseRequest) -> web.Response:
        if request.path == "/late":
            await asyncio.Event().wait()
        async with asyncio.timeout(60):
            await self.barrier.wait()
        return web.Response(text=request.path)


async def test_requests_run_side_by_side(asking: Asking) -> None:
    async with serving(Meeting(3)) as url:
        lines = [start(f"{url}/{each}") for each in "abc"]
        answers = (await run(asking, *lines, wait(1), wait(2), wait(3))).json
    assert answers[:3] == [{"id": 1}, {"id": 2}, {"id": 3}]
    assert [(each["id"], each["answer"]["body"]) for each in answers[3:]] == [(1, "/a"), (2, "/b"), (3, "/c")]


async def test_the_first_that_is_done_comes_first(asking: Asking) -> None:
    async with serving(Meeting(1)) as url:
        lines = (start(url + "/late"), start(url + "/soon"), wait(1, 2), wait(1, timeout=0.01), cancel(1))
        answers = (await run(asking, *lines, wait(1))).json
    assert (answers[2]["id"], answers[2]["answer"]["body"]) == (2, "/soon")
    assert answers[3:5] == [{}, {}]
    assert answers[5]["error"]["code"] == "bad-request"


async def test_errors_come_with_their_request(asking: Asking) -> None:
    answers = (await run(asking, start("http://10.0.0.1/"), start("hello"), wait(1))).json
    assert answers[1]["error"]["code"] == "bad-request"
    assert (answers[2]["id"], answers[2]["error"]["code"]) == (1, "denied")


async def test_what_was_never_started_cannot_be_waited_for(asking: Asking) -> None:
    answers = await run(
        asking, wait(1), wait(), cancel(7), ("call", "http.wait", {}), ("call", "http.cancel", {})
    )
    assert answers.codes == ["bad-request", "bad-request", None, "bad-request", "bad-request"]


async def test_only_so_many_may_be_under_way(asking: Asking) -> None:
    async with serving(Meeting(1)) as url:
        lines = [start(url + "/late") for _ in range(33)]
        answers = await run(asking, *lines, cancel(1), start(url + "/late"))
    assert answers.codes == [None] * 32 + ["bad-request", None, None]


async def test_only_so_much_may_be_under_way() -> None:
    underway = Underway()
    rooms: list[Room] = []

    async def ask(room: Room) -> None:
        rooms.append(room)

    first = underway.begin(ask, 20_000_000)
    underway.begin(ask, 10_000_000)
    with pytest.raises(Failure, match="requests and answers under way have more than 33554432 bytes"):
        underway.begin(ask, 5_000_000)
    await asyncio.sleep(0)
    rooms[1].take(3_000_000)
    with pytest.raises(Failure, match="under way"):
        rooms[0].take(1_000_000)
    assert await underway.first([first], None) == (first, None)
    underway.begin(ask, 20_000_000)
    await underway.cancel_all()


@pytest.mark.parametrize("timeout", [0.5, None], ids=["killed", "returned"])
async def test_the_end_of_an_invocation_breaks_requests_off(asking: Asking, timeout: float | None) -> None:
    async def late(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with talking(late) as (url, raw):
        rest = [wait(1)] if timeout else [wait(1, timeout=0.3)]
        answers = await run(asking, start(url), *rest, timeout=timeout)
        assert raw.asked.is_set()
    assert answers.late is (timeout is not None)
