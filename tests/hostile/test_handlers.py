"""Handlers of `wasi:http` that break its rules: they fail in the same way in both engines, and alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings
from gojinn.errors import FunctionError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.streamed import Streamed, answered
from gojinn.testing.components import streaming
from gojinn.testing.platform import Platform, opened_platform

pytestmark = pytest.mark.slow

ANSWER, WRITE, FINISH = "(call $answer)", "(call $write (i32.const 1024) (i32.const 5))", "(call $finish)"
WAIT = "(call $sleep (i64.const 1000000))"
END = "(call $finish-with (global.get $body) {} (i32.const 16))"
SET = "(call $set (global.get $outparam) {})"

HANDLERS = {
    "answers-twice": ANSWER + ANSWER,
    "answers-twice-later": ANSWER + WRITE + WAIT + ANSWER,
    "finishes-twice": ANSWER + FINISH + FINISH,
    "writes-after-the-end": ANSWER + WRITE + FINISH + WRITE,
    "writes-before-the-answer": WRITE,
    "ends-what-is-not-there": FINISH,
    "writes-all-there-is": ANSWER + "(call $write (i32.const 0) (i32.const -1))",
    "writes-past-its-memory": ANSWER + WAIT + "(call $write (i32.const 131000) (i32.const 100000))",
    "wants-results-past-its-memory": ANSWER
    + "(call $write-to (global.get $stream) (i32.const 0) (i32.const 1) (i32.const -4))",
    "writes-to-what-is-no-stream": "(call $write-to (global.get $outparam)"
    " (i32.const 0) (i32.const 1) (i32.const 16))",
    "drops-nothing": "(call $drop (i32.const 0))",
    "holds-answers-without-end": "(loop (drop (call $response (call $fields))) (br 0))",
    "holds-timers-without-end": "(loop (drop (call $timer (i64.const 1))) (br 0))",
    "answers-with-no-case": SET.format("(i32.const 7) (i32.const 0)"),
    "answers-with-no-error": SET.format("(i32.const 1) (i32.const 9)"),
    "writes-after-an-error": SET.format("(i32.const 1) (i32.const 0)") + WAIT + WRITE,
    "ends-with-what-are-no-trailers": ANSWER + END.format("(i32.const 1) (i32.const 77)"),
    "drops-its-stream-only": ANSWER + WRITE + WAIT + "(call $drop (global.get $stream))" + WAIT,
    "writes-more-than-all": ANSWER + WRITE + END.format("(i32.const 0) (i32.const 0)") + WAIT + WRITE,
    "traps-while-it-is-sent": ANSWER + WRITE + WAIT + WRITE + WAIT + "(unreachable)",
}


async def outcome(platform: Platform, function: Function, *, parts: bool) -> str:
    """What becomes of a request."""
    stdin = encode("GET", "/", {}, b"", trace="", tenant="", client_ip="", trigger="http", bare=True)
    invocation = Invocation(function, stdin, parts=parts)
    run = platform.runner.run(invocation)
    answer = await answered(invocation, run) if parts else await run
    if not isinstance(answer, Streamed):
        return str(answer.error)
    try:
        sent = [chunk async for chunk in answer]
    except FunctionError as error:
        return f"cut: {error}"
    return f"sent: {sent}"


@pytest.mark.parametrize("parts", [False, True], ids=["whole", "streamed"])
async def test_they_fail_alike_and_leave_nothing(tmp_path: Path, parts: bool) -> None:
    cache = CompileCache(tmp_path / "cache")
    for name, body in HANDLERS.items():
        (tmp_path / f"{name}.wasm").write_bytes(streaming(body, b"first"))
    configs = [FunctionConfig(str(tmp_path / f"{name}.wasm"), timeout=30.0) for name in HANDLERS]
    seen = []
    for implementation in ("core", "pure"):
        settings = EngineSettings(slots=4, metered_slots=1, implementation=implementation)
        async with opened_platform(cache, settings) as platform:
            modules = await platform.modules(*configs)
            functions = [platform.registry.bind(config, modules) for config in configs]
            seen.append([await outcome(platform, function, parts=parts) for function in functions])
            assert platform.engine.stats().live == 0
    core, pure = seen
    assert core == pure
    for name, found in zip(HANDLERS, core, strict=True):
        expected = "None" if name == "writes-more-than-all" and not parts else f"function '{name}' "
        assert expected in found
