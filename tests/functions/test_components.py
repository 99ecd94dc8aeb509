"""Tests of components as functions: the worlds they are run in, and the walls around them."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest

from gojinn.engine.limits import Mount
from gojinn.engine.outcome import End
from gojinn.errors import ConfigError, ModuleError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.invocation import Invocation, Result
from gojinn.testing.components import calling, command, echo, handler, reaching, saying
from gojinn.testing.guests import wat
from gojinn.testing.platform import Platform

ANSWER = b'{"status":200,"headers":{},"body":"hello"}'


@pytest.fixture
def platform(each_platform: Platform) -> Platform:
    return each_platform


def written(tmp_path: Path, component: bytes) -> FunctionConfig:
    path = tmp_path / "component.wasm"
    path.write_bytes(component)
    return FunctionConfig(str(path), timeout=10.0)


async def run(platform: Platform, config: FunctionConfig, stdin: bytes = b"{}") -> Result:
    function = await platform.function(config)
    return await platform.runner.run(Invocation(function, stdin))


async def test_a_handler_answers(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, saying(ANSWER)))
    assert result.reply is not None
    assert result.reply.body == b"hello"


async def test_a_handler_gets_the_envelope(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, echo()), '{"uri":"/ä"}'.encode())
    assert result.outcome is not None
    assert result.outcome.stdout == '{"uri":"/ä"}'.encode()


async def test_a_command_writes_its_answer_to_stdout(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, command(ANSWER)))
    assert result.reply is not None
    assert result.reply.body == b"hello"


async def test_a_command_that_fails_is_a_failed_function(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, command(ANSWER, failed=True)))
    assert result.error is not None
    assert result.error.reason == "exit"


async def test_the_error_of_a_handler_goes_to_the_log(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, saying(b"no such thing", failed=True)))
    assert result.error is not None
    assert result.error.reason == "exit"
    assert [record.text for record in result.log] == ["no such thing"]


TEXTS = pytest.mark.parametrize("text", ["string", "(list u8)"], ids=["string", "list"])


@TEXTS
async def test_a_component_is_told_why_an_operation_failed(
    platform: Platform, tmp_path: Path, text: str
) -> None:
    result = await run(platform, written(tmp_path, calling("no.such", b"{}", text=text)))
    assert result.outcome is not None
    assert result.outcome.end is End.EXITED
    assert json.loads(result.log[0].text)["error"]["code"] == "unknown-op"


@TEXTS
async def test_a_component_gets_what_an_operation_answers(
    platform: Platform, tmp_path: Path, text: str
) -> None:
    request = '{"level": "warn", "message": "sö"}'.encode()
    result = await run(platform, written(tmp_path, calling("log.write", request, text=text)))
    assert result.outcome is not None
    assert result.outcome.stdout == b"{}"
    assert (result.log[0].level, result.log[0].text) == (2, "sö")


async def test_a_list_that_would_take_much_of_the_hosts_memory_traps(
    platform: Platform, tmp_path: Path
) -> None:
    """The C API makes a value of 32 bytes of each of a list's; wasmtime limits how many it copies."""
    body = """(call $call (i32.const 1024) (i32.const 7) (i32.const 1024) (i32.const 6000000) (i32.const 16))
              (i32.const 16)"""
    result = await run(platform, written(tmp_path, handler(body, b"no.such", pages=100, text="(list u8)")))
    assert result.outcome is not None
    assert result.outcome.trap.startswith("too much data is being copied")


async def test_host_calls_deep_in_a_guests_stack_trap(platform: Platform, tmp_path: Path) -> None:
    """Python runs on the guest's stack then: what is left of it must do."""
    deep = handler(
        """(call $call (i32.const 1024) (i32.const 7) (i32.const 1024) (i32.const 7) (i32.const 16))
           (call $handle (local.get $at) (local.get $length))""",
        b"no.such",
    )
    result = await run(platform, written(tmp_path, deep))
    assert result.error is not None
    assert result.error.reason == "trap"


async def test_sleeping_components_stop_nobody(platform: Platform, tmp_path: Path) -> None:
    config = dataclasses.replace(written(tmp_path, command(ANSWER, sleep=600_000_000_000)), timeout=900.0)
    function = await platform.function(config)
    sleeping = [asyncio.ensure_future(platform.runner.run(Invocation(function, b"{}"))) for _ in range(20)]
    async with asyncio.timeout(30):
        while platform.engine.stats().parked < 20:  # noqa: ASYNC110, they park without a word
            await asyncio.sleep(0)
    result = await run(platform, written(tmp_path, command(ANSWER, sleep=1_000_000)))
    assert result.reply is not None
    assert platform.engine.stats().parked == 20
    for task in sleeping:
        task.cancel()
    await asyncio.gather(*sleeping, return_exceptions=True)
    assert platform.engine.stats().live == 0


async def test_a_component_that_never_ends_is_killed(platform: Platform, tmp_path: Path) -> None:
    config = dataclasses.replace(written(tmp_path, handler("(loop (br 0)) (unreachable)")), timeout=0.1)
    result = await run(platform, config)
    assert result.error is not None
    assert result.error.reason == "timeout"
    assert platform.engine.stats().live == 0


async def test_a_component_that_is_cancelled_is_gone(platform: Platform, tmp_path: Path) -> None:
    function = await platform.function(written(tmp_path, command(ANSWER, sleep=60_000_000_000)))
    task = asyncio.ensure_future(platform.runner.run(Invocation(function, b"{}")))
    await platform.running(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert platform.engine.stats().live == 0


@pytest.mark.parametrize(
    ("body", "change", "reason"),
    [
        pytest.param("(unreachable)", {}, "trap", id="trap"),
        pytest.param("(loop (br 0)) (unreachable)", {"fuel_limit": 10_000}, "fuel", id="fuel"),
    ],
)
async def test_a_component_meets_its_walls(
    platform: Platform, tmp_path: Path, body: str, change: dict[str, int], reason: str
) -> None:
    config = dataclasses.replace(written(tmp_path, handler(body)), **change)  # type: ignore[arg-type]
    result = await run(platform, config)
    assert result.error is not None
    assert result.error.reason == reason


@pytest.mark.parametrize(
    ("body", "said"),
    [
        pytest.param(
            "(loop (drop (call $timer (i64.const 1))) (br 0)) (unreachable)",
            "more than 10000 handles",
            id="handles",
        ),
        pytest.param(
            "(call $poll (i32.const 64) (i32.const 0) (i32.const 16)) (i32.const 0)",
            "poll of an empty list",
            id="empty poll",
        ),
        pytest.param(
            "(call $random (i64.const -1) (i32.const 16)) (i32.const 0)", "random bytes", id="random bytes"
        ),
        pytest.param("(call $drop (i32.const 77)) (i32.const 0)", "unknown handle", id="unknown handle"),
    ],
)
async def test_a_component_that_asks_for_too_much_traps(
    platform: Platform, tmp_path: Path, body: str, said: str
) -> None:
    result = await run(platform, written(tmp_path, reaching(body)))
    assert result.outcome is not None
    assert result.outcome.end is End.TRAPPED
    assert said in result.outcome.trap


async def test_handles_that_are_given_back_make_room(platform: Platform, tmp_path: Path) -> None:
    body = """(loop (call $drop (call $timer (i64.const 1)))
              (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 11000))))
              (i32.const 0)"""
    result = await run(platform, written(tmp_path, reaching(body)))
    assert result.outcome is not None
    assert (result.outcome.end, result.outcome.exit_code) == (End.RETURNED, 0)


async def test_a_poll_tells_which_of_them_are_ready(platform: Platform, tmp_path: Path) -> None:
    """The second of three timers is the first to end; one would take until the end of time."""
    body = """(i32.store (i32.const 64) (call $timer (i64.const -1)))
              (i32.store (i32.const 68) (call $timer (i64.const 5000000)))
              (i32.store (i32.const 72) (call $timer (i64.const 600000000000)))
              (call $poll (i32.const 64) (i32.const 3) (i32.const 16))
              (i32.or (i32.ne (i32.load (i32.const 20)) (i32.const 1))
                (i32.or (i32.ne (i32.load (i32.load (i32.const 16))) (i32.const 1))
                  (i32.or (i32.eqz (call $ready (i32.load (i32.const 68))))
                    (call $ready (i32.load (i32.const 64))))))"""
    result = await run(platform, written(tmp_path, reaching(body)))
    assert result.outcome is not None
    assert (result.outcome.end, result.outcome.exit_code) == (End.RETURNED, 0)


async def test_a_component_that_starts_over_its_memory_limit_fails_for_it(
    platform: Platform, tmp_path: Path
) -> None:
    config = dataclasses.replace(written(tmp_path, handler("(i32.const 16)", pages=64)), memory_limit=1 << 20)
    result = await run(platform, config)
    assert result.error is not None
    assert result.error.reason == "memory"


REFUSED = "(i32.eq (memory.grow (i32.const 1000)) (i32.const -1))"


async def test_a_component_that_gives_up_after_it_was_refused_memory_fails_for_it(
    platform: Platform, tmp_path: Path
) -> None:
    config = written(tmp_path, handler(f"(if {REFUSED} (then (unreachable))) (i32.const 16)"))
    result = await run(platform, dataclasses.replace(config, memory_limit=1 << 20))
    assert result.error is not None
    assert result.error.reason == "memory"


async def test_a_component_that_copes_with_refused_memory_answers(platform: Platform, tmp_path: Path) -> None:
    body = f"""(if (i32.eqz {REFUSED}) (then (unreachable)))
               (i32.store (i32.const 20) (i32.const 1024))
               (i32.store (i32.const 24) (i32.const {len(ANSWER)}))
               (i32.const 16)"""
    config = dataclasses.replace(written(tmp_path, handler(body, ANSWER)), memory_limit=1 << 20)
    result = await run(platform, config)
    assert result.reply is not None
    assert result.reply.body == b"hello"


async def test_a_component_that_traps_after_it_was_given_memory_did_not_lack_it(
    platform: Platform, tmp_path: Path
) -> None:
    config = written(tmp_path, handler(f"(drop {REFUSED}) (unreachable)"))
    result = await run(platform, dataclasses.replace(config, memory_limit=100 << 20))
    assert result.error is not None
    assert result.error.reason == "trap"


@pytest.mark.parametrize("component", [saying(ANSWER), command(ANSWER)], ids=["handler", "command"])
async def test_a_component_that_answers_too_much_fails_for_it(
    platform: Platform, tmp_path: Path, component: bytes
) -> None:
    result = await run(platform, dataclasses.replace(written(tmp_path, component), max_output=10))
    assert result.error is not None
    assert result.error.reason == "output"


async def test_each_invocation_has_an_instance_of_its_own(platform: Platform, tmp_path: Path) -> None:
    counting = handler(
        """(i32.store8 (i32.const 1059) (i32.add (i32.load8_u (i32.const 1059)) (i32.const 1)))
           (i32.store (i32.const 20) (i32.const 1024)) (i32.store (i32.const 24) (i32.const 41))
           (i32.const 16)""",
        b'{"status":200,"headers":{},"body":"0123"}',
    )
    config = written(tmp_path, counting)
    bodies = {result.reply.body for _ in range(3) if (result := await run(platform, config)).reply}
    assert len(bodies) == 1


async def test_a_component_without_files_may_have_mounts(platform: Platform, tmp_path: Path) -> None:
    config = dataclasses.replace(written(tmp_path, saying(ANSWER)), mounts=(Mount(str(tmp_path), "/data"),))
    assert (await run(platform, config)).reply is not None


async def test_mounts_of_components_are_looked_at_as_those_of_modules(
    platform: Platform, tmp_path: Path
) -> None:
    mounts = (Mount(str(tmp_path / "none"), "/data"),)
    config = dataclasses.replace(written(tmp_path, command(ANSWER)), mounts=mounts)
    with pytest.raises(ConfigError, match="cannot be opened: no such file or directory"):
        await run(platform, config)


@pytest.mark.parametrize(
    ("component", "complaint"),
    [
        pytest.param(wat("(component)"), "exports neither", id="nothing"),
        pytest.param(
            command(ANSWER).replace(b"@0.2.0", b"@0.3.0"),
            "exports 'wasi:cli/run@0.3.0', expected WASI 0.2",
            id="newer world",
        ),
        pytest.param(
            handler("(i32.const 16)", imports='(import "acme:db/query" (instance))'),
            "imports 'acme:db/query', which this host does not have",
            id="unknown",
        ),
        pytest.param(
            handler("(i32.const 16)", imports='(import "wasi:cli/environment@0.3.0" (instance))'),
            "imports 'wasi:cli/environment@0.3.0'",
            id="newer",
        ),
        pytest.param(
            handler("(i32.const 16)", imports='(import "plain" (func))'), "imports 'plain'", id="function"
        ),
        pytest.param(saying(ANSWER)[:-20], "is broken", id="cut off"),
        pytest.param(b"\0asm\x0e\0\1\0", "component of format", id="other format"),
    ],
)
async def test_a_component_that_cannot_serve_is_refused(
    platform: Platform, tmp_path: Path, component: bytes, complaint: str
) -> None:
    with pytest.raises(ModuleError, match=complaint):
        await platform.function(written(tmp_path, component))


async def test_components_that_are_not_asked_as_scripts_say_so(platform: Platform, tmp_path: Path) -> None:
    config = written(tmp_path, saying(b"Content-Type: text/plain\n\nhello"))
    script = dataclasses.replace(config, response="cgi")
    with pytest.raises(ModuleError, match="asked through 'gojinn:host/handler'") as raised:
        await platform.function(script)
    assert raised.value.hint == "add the line 'request json'"
    result = await run(platform, dataclasses.replace(script, request="json"))
    assert result.reply is not None
    assert result.reply.body == b"hello"
