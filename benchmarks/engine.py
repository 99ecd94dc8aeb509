"""One invocation in a fresh sandbox without HTTP, in CPU microseconds, against Extism's fresh plug-in."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median

ENVELOPE = (
    b'{"method":"GET","uri":"/c","headers":{"Host":["127.0.0.1"]},"body":"{\\"id\\":\\"A-1\\",\\"value\\":100}",'
    b'"trace_id":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","tenant":"default"}'
)


def measure(guests: dict[str, Path], cache: Path, *, rounds: int) -> dict[str, dict[str, float]]:
    """CPU and wall microseconds per invocation for each guest, core and pure engines in turn."""
    os.sched_setaffinity(0, {0})
    return asyncio.run(_measure(guests, cache, rounds))


async def _measure(guests: dict[str, Path], cache: Path, rounds: int) -> dict[str, dict[str, float]]:
    from gojinn.engine.cache import CompileCache
    from gojinn.engine.driver import Engine
    from gojinn.engine.host import HostFunction
    from gojinn.engine.limits import ProgramSpec
    from gojinn.engine.settings import EngineSettings

    names = [name for name in ("empty", "c", "rust", "c-16m", "js", "go") if name in guests]
    compiled = await CompileCache(cache).compile([str(guests[name]) for name in names])
    results: dict[str, dict[str, float]] = {}
    for implementation in ("core", "pure"):
        engine = Engine(EngineSettings(slots=100, implementation=implementation))
        for name in names:
            hosts = [HostFunction("gojinn", *each, "i32", _never) for each in IMPORTS] if name == "js" else []
            program = engine.load(compiled[str(guests[name])].path, ProgramSpec(), hosts)

            async def once(program=program, engine=engine) -> None:  # type: ignore[no-untyped-def]
                await engine.invoke(program, ENVELOPE, timeout=10)

            calls = 300 if name in ("go", "js") else 3000
            results[f"{name} ({implementation})"] = await _time(once, calls, rounds)
        engine.close()
    return results | await _extism(rounds)


IMPORTS = (("host_call", ("i32",) * 4), ("host_take", ("i32",) * 2))
"""What the runtime for JavaScript imports; the guest here calls none of it."""


async def _never(*arguments: object) -> int:
    raise AssertionError("the guest makes no host call")


async def _extism(rounds: int) -> dict[str, dict[str, float]]:
    try:
        import extism
    except ImportError:
        return {}
    from wasmtime import wat2wasm

    wasm = bytes(wat2wasm(Path(__file__).with_name("guests").joinpath("extism.wat").read_text()))
    reused = extism.Plugin(wasm)

    async def fresh() -> None:
        extism.Plugin(wasm).call("handle", ENVELOPE)

    async def again() -> None:
        reused.call("handle", ENVELOPE)

    return {
        "extism, a plug-in for each call (compiles it)": await _time(fresh, 30, rounds),
        "extism, one plug-in for all calls (no isolation)": await _time(again, 3000, rounds),
    }


async def _time(once: Callable[[], Awaitable[None]], calls: int, rounds: int) -> dict[str, float]:
    cpu, wall = [], []
    for _ in range(rounds + 1):
        cpu_before, wall_before = time.process_time(), time.perf_counter()
        for _ in range(calls):
            await once()
        cpu.append((time.process_time() - cpu_before) / calls * 1e6)
        wall.append((time.perf_counter() - wall_before) / calls * 1e6)
    return {"cpu_us": median(cpu[1:]), "wall_us": median(wall[1:])}
