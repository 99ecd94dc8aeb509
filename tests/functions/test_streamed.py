"""Tests of answers that are sent while their handler is still at work."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings
from gojinn.errors import FunctionError, FunctionTimeout
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.streamed import LENGTH, Streamed, answered
from gojinn.testing.components import streaming
from gojinn.testing.platform import Platform, opened_platform

pytestmark = pytest.mark.slow

TEXT = b"firstother"
FIRST = "(call $answer) (call $write (i32.const 1024) (i32.const 5))"
OTHER = "(call $write (i32.const 1029) (i32.const 5)) (call $finish)"
MOMENT, FOREVER = "(call $sleep (i64.const 1000000))", "(call $sleep (i64.const 3600000000000))"
SPIN = (
    "(loop (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 200000000))))"
)


@pytest_asyncio.fixture(params=("core", "pure"))
async def platform(cache: CompileCache, request: pytest.FixtureRequest) -> AsyncIterator[Platform]:
    """One in each implementation of the engine; none of them keeps a guest."""
    settings = EngineSettings(slots=2, metered_slots=1, implementation=request.param)
    async with opened_platform(cache, settings) as platform:
        yield platform
        assert platform.engine.stats().live == 0
        assert platform.engine.slots.free == 2


async def invocation(platform: Platform, folder: Path, body: str, timeout: float = 30.0) -> Invocation:
    path = folder / "streaming.wasm"
    path.write_bytes(streaming(body, TEXT))
    function = await platform.function(FunctionConfig(str(path), timeout=timeout))
    stdin = encode("GET", "/", {}, b"", trace="", tenant="", client_ip="", trigger="http", bare=True)
    return Invocation(function, stdin, parts=True)


async def begin(platform: Platform, invocation: Invocation) -> Streamed:
    answer = await answered(invocation, platform.runner.run(invocation))
    assert isinstance(answer, Streamed)
    return answer


async def test_what_was_written_is_there_while_the_handler_waits(platform: Platform, tmp_path: Path) -> None:
    stream = await begin(platform, await invocation(platform, tmp_path, FIRST + FOREVER + OTHER))
    assert await anext(stream) == b"first"
    assert platform.engine.stats().live == 1
    await stream.aclose()
    await stream.aclose()


@pytest.mark.parametrize("pause", [MOMENT, SPIN], ids=["waiting", "computing"])
async def test_the_rest_follows(platform: Platform, tmp_path: Path, pause: str) -> None:
    stream = await begin(platform, await invocation(platform, tmp_path, FIRST + pause + OTHER))
    assert [chunk async for chunk in stream] == [b"first", b"other"]
    assert stream.invocation.function.usage.seconds.counts.count(1) == 1


async def test_a_handler_that_never_waits_answers_whole(platform: Platform, tmp_path: Path) -> None:
    given = await invocation(platform, tmp_path, FIRST + OTHER)
    result = await answered(given, platform.runner.run(given))
    assert isinstance(result, Result)
    assert result.reply is not None
    assert result.reply.body == TEXT


async def test_a_whole_body_has_a_length_though_its_handler_goes_on(
    platform: Platform, tmp_path: Path
) -> None:
    given = await invocation(platform, tmp_path, FIRST + OTHER + MOMENT)
    stream = await begin(platform, given)
    assert stream.head.headers == ((LENGTH, b"10"),)
    assert [chunk async for chunk in stream] == [TEXT]


@pytest.mark.parametrize("end", ["(unreachable)", ""], ids=["trap", "unfinished"])
async def test_a_failure_after_the_head_cuts_the_body_off(
    platform: Platform, tmp_path: Path, end: str
) -> None:
    stream = await begin(platform, await invocation(platform, tmp_path, FIRST + MOMENT + end))
    assert await anext(stream) == b"first"
    with pytest.raises(FunctionError):
        await anext(stream)
    await stream.aclose()


OPEN, GIVE, FINISH = "(call $open)", "(call $give)", "(call $finish)"
WRITE_FIRST = "(call $write (i32.const 1024) (i32.const 5))"
WRITE_OTHER = "(call $write (i32.const 1029) (i32.const 5))"
SEVERAL = {
    "the first one is dropped": ([OPEN, WRITE_FIRST, OPEN, WRITE_OTHER, GIVE, FINISH], b"other"),
    "a whole one is dropped": ([OPEN, WRITE_FIRST, FINISH, OPEN, GIVE, WRITE_OTHER, FINISH], b"other"),
    "another is made later": ([OPEN, WRITE_FIRST, FINISH, GIVE, OPEN, WRITE_OTHER, FINISH], b"first"),
    "the given one is not finished": ([OPEN, WRITE_FIRST, FINISH, OPEN, WRITE_OTHER, GIVE], None),
    "it is written before and after": ([OPEN, WRITE_FIRST, GIVE, WRITE_OTHER, FINISH], TEXT),
}
"""What a handler does, and the body that is sent."""


@pytest.mark.parametrize(("steps", "body"), SEVERAL.values(), ids=SEVERAL)
async def test_of_several_answers_the_given_one_is_sent(
    platform: Platform, tmp_path: Path, steps: list[str], body: bytes | None
) -> None:
    given = await invocation(platform, tmp_path, " ".join(steps))
    result = await platform.runner.run(given)
    assert (result.reply.body if result.reply else None) == body


async def test_a_timeout_ends_it(platform: Platform, tmp_path: Path) -> None:
    stream = await begin(platform, await invocation(platform, tmp_path, FIRST + FOREVER, timeout=0.05))
    assert await anext(stream) == b"first"
    with pytest.raises(FunctionTimeout):
        await anext(stream)


async def test_a_failure_before_the_head_is_a_failed_function(platform: Platform, tmp_path: Path) -> None:
    given = await invocation(platform, tmp_path, MOMENT + "(unreachable)")
    result = await answered(given, platform.runner.run(given))
    assert isinstance(result, Result)
    assert result.error is not None


async def test_who_takes_no_parts_gets_the_whole_answer(platform: Platform, tmp_path: Path) -> None:
    given = await invocation(platform, tmp_path, FIRST + MOMENT + OTHER)
    given.parts = False
    result = await platform.runner.run(given)
    assert result.reply is not None
    assert result.reply.body == TEXT
