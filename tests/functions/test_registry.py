"""Tests of how functions are shared, loaded and dropped."""

from __future__ import annotations

import asyncio
import dataclasses
import json
from pathlib import Path

import pytest

from gojinn.config.units import Secret
from gojinn.engine.cache import CompileCache
from gojinn.engine.freeze import MARK
from gojinn.engine.limits import Mount
from gojinn.engine.rewrite import sized
from gojinn.errors import ConfigError, ConfigErrors, ModuleError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.lines import ApiKey, Variable
from gojinn.functions.modules import Modules
from gojinn.functions.prepare import prepare
from gojinn.functions.registry import FunctionRegistry
from gojinn.functions.runner import Runner
from gojinn.observe import log
from gojinn.testing.guests import distinct, guest, printing, wat
from gojinn.testing.platform import Platform


@pytest.fixture
def module(tmp_path: Path) -> Path:
    path = tmp_path / "number.wasm"
    path.write_bytes(distinct(1))
    return path


async def answer(platform: Platform, function: Function) -> bytes:
    result = await platform.runner.run(Invocation(function, b"{}"))
    assert result.reply is not None, result.error
    return result.reply.body


async def test_nothing_is_loaded_before_the_first_call(platform: Platform, module: Path) -> None:
    function = await platform.function(FunctionConfig(str(module)))
    assert function.program is None
    assert await answer(platform, function) == b"1"
    assert function.program is not None


async def test_routes_with_the_same_settings_share_a_function(platform: Platform, module: Path) -> None:
    config = FunctionConfig(str(module), env=(Variable("A", Secret("1")),))
    keyed = dataclasses.replace(config, api_keys=(ApiKey("acme", Secret("k")),), debug_secret=Secret("d"))
    other = dataclasses.replace(config, env=(Variable("A", Secret("2")),))
    modules = await platform.modules(config)
    first, second, third = (platform.registry.bind(each, modules) for each in (config, keyed, other))
    assert first is second
    assert first is not third


async def test_a_function_ends_with_its_last_binding(platform: Platform, module: Path) -> None:
    config = FunctionConfig(str(module))
    modules = await platform.modules(config)
    async with platform.registry.binding(config, modules) as function:
        async with platform.registry.binding(config, modules):
            await answer(platform, function)
        assert function.program is not None
    assert function.program is None
    assert not platform.registry.functions
    assert not platform.registry.loaded


async def test_what_is_bound_keeps_its_module(platform: Platform, module: Path) -> None:
    config = FunctionConfig(str(module))
    old = await platform.function(config)
    module.write_bytes(distinct(2))  # noqa: ASYNC240
    new = await platform.function(config)
    assert [await answer(platform, each) for each in (old, new)] == [b"1", b"2"]


async def test_concurrent_first_calls_load_once(platform: Platform, module: Path) -> None:
    function = await platform.function(FunctionConfig(str(module)))
    answers = await asyncio.gather(*(answer(platform, function) for _ in range(20)))
    assert answers == [b"1"] * 20
    assert len(platform.registry.loaded) == 1


async def test_idle_programs_are_dropped_and_loaded_again(platform: Platform, module: Path) -> None:
    function = await platform.function(FunctionConfig(str(module)))
    await answer(platform, function)
    platform.registry.sweep()
    assert function.program is not None, "it was called since the last sweep"
    platform.registry.sweep()
    assert function.program is None
    assert platform.registry.sweeping is None, "nothing is left to sweep"
    assert await answer(platform, function) == b"1"
    assert platform.registry.sweeping is not None


async def test_a_program_in_use_is_not_dropped_as_idle(platform: Platform) -> None:
    function = await platform.function(FunctionConfig(str(guest("endless_loop"))))
    running = asyncio.create_task(platform.runner.run(Invocation(function, b"", timeout=60.0)))
    await platform.running(1)
    platform.registry.sweep()
    platform.registry.sweep()
    assert function.program is not None
    running.cancel()
    await asyncio.wait([running])


async def test_only_so_many_programs_stay_loaded(
    cache: CompileCache, platform: Platform, tmp_path: Path
) -> None:
    registry = FunctionRegistry(platform.engine, cache, platform.registry.host, most_loaded=3)
    runner = Runner(platform.engine, registry)
    functions = []
    for number in range(6):
        path = tmp_path / f"{number}.wasm"
        path.write_bytes(distinct(number))
        config = FunctionConfig(str(path))
        functions.append(registry.bind(config, await prepare([config], cache)))
    for function in functions:
        await runner.run(Invocation(function, b"{}"))
    assert [function.program is not None for function in functions] == [False] * 3 + [True] * 3
    registry.close()


async def test_programs_in_use_stay_loaded_beyond_the_limit(
    cache: CompileCache, platform: Platform, module: Path
) -> None:
    registry = FunctionRegistry(platform.engine, cache, platform.registry.host, most_loaded=1)
    runner = Runner(platform.engine, registry)
    configs = [FunctionConfig(str(guest("endless_loop"))), FunctionConfig(str(module))]
    busy, idle = [registry.bind(config, await prepare([config], cache)) for config in configs]
    running = asyncio.create_task(runner.run(Invocation(busy, b"")))
    await platform.running(1)
    await runner.run(Invocation(idle, b"{}"))
    assert busy.program is not None
    running.cancel()
    await asyncio.wait([running])
    registry.close()


async def test_binding_what_was_not_compiled_fails(platform: Platform, module: Path) -> None:
    with pytest.raises(ModuleError, match="is not compiled"):
        platform.registry.bind(FunctionConfig(str(module)), Modules())


async def test_metered_functions_run_beside_plain_ones(platform: Platform, module: Path) -> None:
    plain = FunctionConfig(str(module))
    metered = dataclasses.replace(plain, fuel_limit=1_000_000)
    modules = await platform.modules(plain, metered)
    functions = [platform.registry.bind(config, modules) for config in (plain, metered)]
    assert [await answer(platform, function) for function in functions] == [b"1", b"1"]
    assert [function.usage.fuel > 0 for function in functions] == [False, True]


async def test_all_broken_modules_are_reported_at_once(cache: CompileCache, tmp_path: Path) -> None:
    (tmp_path / "text.wasm").write_text("(module)")
    (tmp_path / "library.wasm").write_bytes(wat('(module (memory (export "memory") 1))'))
    names = ("text", "library", "missing")
    with pytest.raises(ConfigErrors) as caught:
        await prepare([FunctionConfig(str(tmp_path / f"{name}.wasm")) for name in names], cache)
    assert len(caught.value.errors) == 3


async def test_one_broken_module_is_one_error(cache: CompileCache, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file") as caught:
        await prepare([FunctionConfig(str(tmp_path / "missing.wasm"))], cache)
    assert not isinstance(caught.value, ConfigErrors)


async def test_the_report_shows_what_was_called(platform: Platform, module: Path) -> None:
    config = FunctionConfig(str(module), env=(Variable("KEY", Secret("s3cr3t")),))
    function = await platform.function(config)
    assert platform.registry.report() == {"loaded": 0, "functions": {}}
    await answer(platform, function)
    report = platform.registry.report()
    assert report["loaded"] == 1
    functions = report["functions"]
    assert isinstance(functions, dict)
    assert functions[str(module)]["seconds"]["count"] == 1
    assert "s3cr3t" not in repr(report)


async def test_a_capability_that_is_not_served_is_told_of_once(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "locks.wasm"
    path.write_bytes(
        wat("""(module
          (import "gojinn" "host_mutex_lock" (func $lock (param i32 i32 i32) (result i32)))
          (import "gojinn" "host_mutex_unlock" (func (param i32 i32) (result i32)))
          (memory (export "memory") 1)
          (func (export "_start") (drop (call $lock (i32.const 0) (i32.const 0) (i32.const 1)))))""")
    )
    log.configure("json", "INFO", str(tmp_path / "log"))
    function = await platform.function(FunctionConfig(str(path)))
    for _ in range(2):
        await platform.runner.run(Invocation(function, b""))
    log.configure()
    events = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(event["level"], event["capability"]) for event in events] == [("warning", "lock")]


async def test_mounts_that_an_interpreter_does_not_see_are_told(platform: Platform, tmp_path: Path) -> None:
    path = tmp_path / "snapshot.wasm"
    path.write_bytes(printing(b"") + b"\0" + sized(sized(MARK)))
    log.configure("json", "INFO", str(tmp_path / "log"))
    for mounts in ((), (Mount(str(tmp_path), "/data"),)):
        function = await platform.function(FunctionConfig(str(path), mounts=mounts))
        await platform.runner.run(Invocation(function, b""))
    log.configure()
    (event,) = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert event["msg"] == "functions of this language see no mounts"
