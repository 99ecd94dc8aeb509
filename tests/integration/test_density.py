"""What many functions and many parked guests cost: nearly nothing when idle, little when they wait."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.guests import distinct, wat

pytestmark = [pytest.mark.slow, pytest.mark.soak, pytest.mark.timeout(600)]

DEPLOYED = 10_000
PARKED = 10_000

PARK = """
import asyncio, gc, sys
from pathlib import Path
from gojinn.engine.cache import CompileCache
from gojinn.engine.settings import EngineSettings, slots_that_fit
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation
from gojinn.testing.platform import opened_platform

def memory():
    fields = dict(line.split(":") for line in Path("/proc/self/status").read_text().splitlines())
    return sum(int(fields[name].split()[0]) for name in ("VmRSS", "VmPTE")) * 1024

async def main(folder, wanted):
    count = min(wanted, slots_that_fit())
    module = folder / "parks.wasm"
    async with opened_platform(CompileCache(folder / "cache"), EngineSettings(slots=count)) as platform:
        function = await platform.function(FunctionConfig(str(module), pool_size=count))
        await platform.registry.load(function)
        gc.collect()
        before = memory()
        stdin = encode("GET", "/", {}, b"", trace="", tenant="default", client_ip="", trigger="http")
        run = platform.runner.run
        tasks = [asyncio.create_task(run(Invocation(function, bytes(stdin)))) for _ in range(count)]
        while platform.engine.stats().parked < count:
            await asyncio.sleep(0)
        print(count, (memory() - before) / count)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)

asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
"""

PARKING = """(module
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))          ;; a clock that is monotonic
    (i64.store (i32.const 24) (i64.const 600000000000))  ;; and ten minutes
    (drop (call $poll (i32.const 0) (i32.const 128) (i32.const 1) (i32.const 256)))))"""


def test_ten_thousand_parked_guests_cost_40_kb_each(tmp_path: Path) -> None:
    (tmp_path / "parks.wasm").write_bytes(wat(PARKING))
    command = [sys.executable, "-c", PARK, str(tmp_path), str(PARKED)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    count, each = done.stdout.split()
    print(f"{count} guests, {float(each):.0f} bytes each")
    assert float(each) <= 40_000


def resident(pid: int) -> int:
    """Bytes that a process has in memory."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


async def memory(app: App) -> int:
    """Bytes that the supervisor and its workers have in memory."""
    return sum(resident(pid) for pid in [app.pid, *await app.worker_pids()])


def deploy(folder: Path) -> str:
    """Writes distinct modules and a Caddyfile that serves each at a path."""
    options = f"{{\n    gojinn {{\n        cache_dir {folder / 'cache'}\n    }}\n}}\n"
    plain = distinct(7)
    for number in range(DEPLOYED):
        # A custom section named `n` makes the content another one.
        section = b"\x01n" + number.to_bytes(4, "little")
        (folder / f"{number}.wasm").write_bytes(plain + b"\x00" + bytes([len(section)]) + section)
    routes = "\n".join(f"    gojinn /{number} {number}.wasm" for number in range(DEPLOYED))
    return f"{options}:0 {{\n{routes}\n}}\n"


async def test_ten_thousand_deployed_functions_cost_200_mb(tmp_path: Path) -> None:
    caddyfile = deploy(tmp_path)
    async with serve(":0\nrespond hello") as app:
        empty = await memory(app)
    for _ in range(2):  # The first compiles.
        async with serve(caddyfile, folder=tmp_path) as app:
            idle = await memory(app) - empty
            assert await app.get("/9999") == (200, b"7")
            assert idle <= 200e6
    print(f"{idle / 1e6:.0f} MB more than without")
