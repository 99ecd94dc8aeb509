"""Tests of running functions: what goes in, what comes out, and what is made true of every invocation."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest

from gojinn.config.units import Secret
from gojinn.engine.outcome import STDERR, Record
from gojinn.errors import FunctionError, FunctionTimeout, Unavailable
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation, Result
from gojinn.functions.lines import Variable
from gojinn.testing.guests import guest, printing, wat
from gojinn.testing.platform import Platform

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def written(tmp_path: Path, module: bytes, name: str = "guest") -> FunctionConfig:
    path = tmp_path / f"{name}.wasm"
    path.write_bytes(module)
    return FunctionConfig(str(path), timeout=5.0)


def calling(operation: str, request: str) -> bytes:
    """A guest that prints the answer to one `host_call`."""
    quoted = request.replace('"', '\\"')
    return wat(f"""(module
      (import "gojinn" "host_call" (func $call (param i32 i32 i32 i32) (result i32)))
      (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
      (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
      (memory (export "memory") 1)
      (data (i32.const 64) "{operation}") (data (i32.const 256) "{quoted}")
      (func (export "_start")
        (drop (call $call (i32.const 64) (i32.const {len(operation)})
                          (i32.const 256) (i32.const {len(request)})))
        (i32.store (i32.const 16) (i32.const 1024))
        (i32.store (i32.const 20) (call $take (i32.const 1024) (i32.const 32768)))
        (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 32)))))""")


async def run(platform: Platform, config: FunctionConfig, stdin: bytes = b"{}") -> Result:
    function = await platform.function(config)
    return await platform.runner.run(Invocation(function, stdin, tenant="acme", trace=TRACE))


async def test_a_function_reads_its_envelope_and_answers(platform: Platform) -> None:
    stdin = encode(
        "POST", "/a?b", {}, b"hello", trace=TRACE, tenant="acme", client_ip="192.0.2.1", trigger="http"
    )
    result = await run(platform, FunctionConfig(str(guest("envelope"))), stdin)
    assert result.error is None
    assert result.reply is not None
    assert result.reply.status == 200
    assert json.loads(result.reply.body) == json.loads(stdin)


async def test_exiting_with_0_is_answering(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, printing(b'{"status":204}', exit_code=0)))
    assert result.reply is not None
    assert result.reply.status == 204


async def test_an_answer_before_a_failure_does_not_count(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, printing(b'{"status":200}', exit_code=3)))
    assert result.reply is None
    assert isinstance(result.error, FunctionError)
    assert result.error.reason == "exit"


async def test_a_wrong_answer_is_an_error_with_the_reason(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, printing(b"hello")))
    assert isinstance(result.error, FunctionError)
    assert result.error.reason == "envelope"
    assert "malformed" in result.error.message


async def test_a_function_that_runs_too_long_ends(platform: Platform) -> None:
    config = FunctionConfig(str(guest("endless_loop")), timeout=0.05)
    result = await run(platform, config)
    assert isinstance(result.error, FunctionTimeout)


async def test_fuel_is_metered_and_the_same_each_time(platform: Platform) -> None:
    config = FunctionConfig(str(guest("endless_loop")), fuel_limit=100_000)
    results = [await run(platform, config) for _ in range(2)]
    for result in results:
        assert isinstance(result.error, FunctionError)
        assert result.error.reason == "fuel"
    first, second = (result.outcome for result in results)
    assert first is not None
    assert second is not None
    assert first.fuel == second.fuel


async def test_the_log_has_what_the_guest_wrote_in_order(platform: Platform) -> None:
    result = await run(platform, FunctionConfig(str(guest("host_log"))))
    assert result.log == [
        Record(0, "fine"),
        Record(1, "note"),
        Record(2, "hmmm"),
        Record(3, "oops"),
        Record(STDERR, "on stderr"),
    ]


async def test_the_log_hides_the_values_of_the_environment(platform: Platform, tmp_path: Path) -> None:
    config = written(tmp_path, printing(b'{"status":200}', stderr=b"token is hunter2!\n"))
    config = dataclasses.replace(config, env=(Variable("TOKEN", Secret("hunter2")),))
    result = await run(platform, config)
    assert result.log == [Record(STDERR, "token is ***!")]


async def test_a_trap_is_in_the_log_not_in_the_error(platform: Platform) -> None:
    result = await run(platform, FunctionConfig(str(guest("unreachable"))))
    assert "unreachable" in result.log[0].text
    assert isinstance(result.error, FunctionError)
    assert "unreachable" not in result.error.message.removeprefix(f"function '{result.error.function}'")


async def test_an_operation_writes_to_the_log(platform: Platform, tmp_path: Path) -> None:
    request = '{"message":"paid","level":"warn","fields":{"amount":7}}'
    result = await run(platform, written(tmp_path, calling("log.write", request)))
    assert result.log == [Record(2, 'paid {"amount":7}'), Record(2, "written to stdout: {}")]


async def test_an_unknown_operation_is_answered(platform: Platform, tmp_path: Path) -> None:
    result = await run(platform, written(tmp_path, calling("kv.teleport", "")))
    assert result.outcome is not None
    assert json.loads(result.outcome.stdout)["error"]["code"] == "unknown-op"


async def test_invocations_beyond_the_pool_wait_and_then_fail(platform: Platform) -> None:
    config = FunctionConfig(str(guest("endless_loop")), timeout=60.0, pool_size=1)
    function = await platform.function(config)
    hog = asyncio.create_task(platform.runner.run(Invocation(function, b"")))
    await platform.running(1)
    result = await platform.runner.run(Invocation(function, b"", timeout=0.02))
    assert isinstance(result.error, Unavailable)
    assert function.usage.failures == {"unavailable": 1}
    hog.cancel()
    await asyncio.wait([hog])
    assert function.gate.busy == 0


async def test_an_invocation_that_waited_runs_when_its_turn_comes(platform: Platform, tmp_path: Path) -> None:
    config = dataclasses.replace(written(tmp_path, printing(b'{"status":200}')), pool_size=1)
    function = await platform.function(config)
    results = await asyncio.gather(*(platform.runner.run(Invocation(function, b"")) for _ in range(10)))
    assert all(result.reply is not None for result in results)


async def test_cancelling_kills_the_guest(platform: Platform) -> None:
    function = await platform.function(FunctionConfig(str(guest("endless_loop"))))
    running = asyncio.create_task(platform.runner.run(Invocation(function, b"")))
    await platform.running(1)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert platform.engine.stats().live == 0
    assert function.usage.failures == {"cancelled": 1}


async def test_usage_is_summed_up(platform: Platform, tmp_path: Path) -> None:
    config = written(tmp_path, printing(b'{"status":200}'))
    function = await platform.function(config)
    for _ in range(3):
        await platform.runner.run(Invocation(function, b""))
    report = function.usage.report()
    seconds = report.pop("seconds")
    assert isinstance(seconds, dict)
    assert seconds["count"] == 3
    assert seconds["sum"] > 0
    assert report == {"failures": {}, "denials": {}, "memory_bytes": 65536, "fuel": 0}


async def test_failures_are_counted_by_reason(platform: Platform) -> None:
    function = await platform.function(FunctionConfig(str(guest("unreachable"))))
    await platform.runner.run(Invocation(function, b""))
    assert function.usage.report()["failures"] == {"trap": 1}
