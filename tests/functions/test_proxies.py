"""Tests of handlers of `wasi:http`, built by toolchains that know nothing of Gojinn."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest
import pytest_asyncio

from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation, Result
from gojinn.testing.components import javascript_proxy
from gojinn.testing.platform import Platform

pytestmark = [pytest.mark.slow, pytest.mark.toolchain, pytest.mark.timeout(300)]


@pytest.fixture
def platform(each_platform: Platform) -> Platform:
    return each_platform


@pytest_asyncio.fixture
async def function(platform: Platform, proxy: Path) -> Function:
    return await platform.function(FunctionConfig(str(proxy), timeout=30.0))


async def ask(
    platform: Platform, function: Function, uri: str, body: bytes = b"", method: str = "POST"
) -> Result:
    stdin = encode(
        *(method, uri, {"Host": ["a.example"], "Connection": ["close"], "X-Many": ["1", "2"]}, body),
        trace="",
        tenant="default",
        client_ip="",
        trigger="http",
        bare=function.bare,
    )
    return await platform.runner.run(Invocation(function, stdin))


async def test_it_sees_the_request_and_answers(platform: Platform, function: Function) -> None:
    result = await ask(platform, function, "/a?b=c")
    assert result.reply is not None
    assert result.reply.status == 201
    assert result.reply.headers == (
        (b"content-type", b"application/octet-stream"),
        (b"set-cookie", b"a=1"),
        (b"set-cookie", b"b=2"),
    )
    assert json.loads(result.reply.body) == {
        "path": "/a?b=c",
        "authority": "a.example",
        "method": "Method_Post",
        "fields": [["x-many", "1"], ["x-many", "2"]],
    }
    assert [record.text for record in result.log] == ["printed"]


@pytest.mark.parametrize(
    "body", [b"", b"\xff\x00", bytes(range(256)) * 4096], ids=["empty", "binary", "1 MiB"]
)
async def test_bodies_survive_in_both_directions(platform: Platform, function: Function, body: bytes) -> None:
    result = await ask(platform, function, "/echo", body)
    assert result.reply is not None
    assert result.reply.body == body


async def test_it_sleeps_and_makes_up_methods(platform: Platform, function: Function) -> None:
    result = await ask(platform, function, "/sleep", method="BREW")
    assert result.reply is not None
    assert json.loads(result.reply.body)["method"] == "Method_Other"


async def test_wrong_fields_are_refused(platform: Platform, function: Function) -> None:
    result = await ask(platform, function, "/mistakes")
    assert result.reply is not None
    assert json.loads(result.reply.body)["mistakes"] == [
        "HeaderError_InvalidSyntax",
        "HeaderError_InvalidSyntax",
        "HeaderError_Forbidden",
        "HeaderError_Immutable",
    ]


@pytest.mark.parametrize(
    ("uri", "said"),
    [
        ("/none", "the handler returned without an answer"),
        ("/error", "the handler answered with the error 'connection-timeout'"),
        ("/unfinished", "the handler returned without finishing its answer's body"),
    ],
)
async def test_no_answer_is_a_failed_function(
    platform: Platform, function: Function, uri: str, said: str
) -> None:
    assert (await ask(platform, function, "/echo")).reply is not None, "what went well before does not count"
    result = await ask(platform, function, uri)
    assert result.error is not None
    assert result.error.reason == "exit"
    assert result.log[-1].text == said


async def test_a_body_of_another_length_than_announced_is_no_answer(
    platform: Platform, function: Function
) -> None:
    result = await ask(platform, function, "/short")
    assert result.error is not None
    assert result.error.reason == "envelope"
    assert "its body has 4 bytes, which is not what its 'content-length' says" in str(result.error)
    assert "hint" not in str(result.error)


async def test_header_fields_without_end_trap(platform: Platform, function: Function) -> None:
    result = await ask(platform, function, "/many")
    assert result.outcome is not None
    assert result.outcome.trap.startswith("more than 1048576 bytes of header fields")


@pytest.fixture(scope="module")
def fetcher(missing: Callable[[str], NoReturn]) -> Path:
    """The one in JavaScript, in an interpreter that StarlingMonkey makes of SpiderMonkey."""
    return javascript_proxy() if shutil.which("npm") else missing("npm is needed for componentize-js")


async def test_one_in_javascript_answers(platform: Platform, fetcher: Path) -> None:
    function = await platform.function(FunctionConfig(str(fetcher), timeout=30.0))
    results = [await ask(platform, function, "/sleep?b=c") for _ in range(2)]
    told = [json.loads(result.reply.body) for result in results if result.reply is not None]
    assert len({each.pop("random") for each in told}) == 2
    assert told == [{"method": "POST", "url": "http://a.example/sleep?b=c", "many": "1, 2"}] * 2
    assert results[0].reply is not None
    assert results[0].reply.status == 201
    assert (b"x-proxy", b"js") in results[0].reply.headers


async def test_bodies_survive_javascript(platform: Platform, fetcher: Path) -> None:
    function = await platform.function(FunctionConfig(str(fetcher), timeout=30.0))
    body = bytes(range(256)) * 1024
    result = await ask(platform, function, "/echo", body)
    assert result.reply is not None
    assert result.reply.body == body
