"""What an invocation and a parked guest cost."""

import asyncio
import gc
import resource
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.engine.driver import Engine
from gojinn.engine.host import GuestCall, HostFunction
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.settings import EngineSettings, slots_that_fit

Compile = Callable[..., Path]

PARKING = """(module (import "test" "park" (func $park)) (memory (export "memory") 2)
  (func (export "_start") (i32.store (i32.const 65000) (i32.const 1)) (call $park)))"""


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def kib(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field + ":")).split()[1])


@pytest.mark.slow
async def test_ten_thousand_parked_guests_take_40_kb_each(
    compiled: Compile, missing: Callable[[str], NoReturn]
) -> None:
    count = slots_that_fit()
    if count < 10_000:
        missing(f"vm.max_map_count leaves room for {count} guests only")
    release = asyncio.Event()
    engine = Engine(EngineSettings())

    async def park(guest: GuestCall) -> None:
        await release.wait()

    hosts = (HostFunction("test", "park", (), None, park),)
    program = engine.load(compiled(PARKING), ProgramSpec(), hosts)
    gc.collect()
    before = kib("VmRSS") + kib("VmPTE")
    invocations = [asyncio.ensure_future(engine.invoke(program, b"", timeout=60)) for _ in range(count)]
    while engine.stats().parked < count:  # noqa: ASYNC110, the engine is what is tested
        await asyncio.sleep(0)
    each = (kib("VmRSS") + kib("VmPTE") - before) / count
    idle = cpu_seconds()
    await asyncio.sleep(0.2)
    idle = cpu_seconds() - idle
    release.set()
    await asyncio.gather(*invocations)
    # Measured: 31 kB, of them 12 of page tables.
    assert each < 40
    assert idle < 0.02
    program.close()
    engine.close()
