"""What many parked guests and many deployed functions cost in memory, and how fast a start is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from benchmarks.machine import ALL_CORES, cpu_seconds, memory
from benchmarks.server import example, gojinn

PARKED = 10_000
DEPLOYED = 10_000
STARTS = 3
"""Starts with all of these."""
SITE = Path(__file__).parent.parent / "examples" / "site"
IDLE = 10.0
"""Seconds for which an idle server is watched."""


def parked(guests: dict[str, Path], cache: Path) -> dict[str, float]:
    """Bytes that each of 10,000 parked guests costs, task included, in a process of its own."""
    code = "import sys; from benchmarks.density import park; park(sys.argv[1], sys.argv[2])"
    done = subprocess.run(
        [sys.executable, "-c", code, str(guests["park"]), str(cache)],
        check=True,
        capture_output=True,
        text=True,
    )
    return {"guests": PARKED, "bytes_each": float(done.stdout)}


def park(guest: str, cache: str) -> None:
    """Parks the guests and prints the bytes that each costs."""
    asyncio.run(_park(guest, Path(cache)))


async def _park(guest: str, cache: Path) -> None:
    from gojinn.engine.cache import CompileCache
    from gojinn.engine.driver import Engine
    from gojinn.engine.limits import ProgramSpec
    from gojinn.engine.settings import EngineSettings

    compiled = await CompileCache(cache).compile([guest])
    engine = Engine(EngineSettings(slots=PARKED))
    program = engine.load(compiled[guest].path, ProgramSpec())
    before = memory(os.getpid()).rss
    tasks = [asyncio.create_task(engine.invoke(program, b"{}", timeout=600)) for _ in range(PARKED)]
    while engine.stats().parked < PARKED:  # noqa: ASYNC110 - each trip parks more of them
        await asyncio.sleep(0)
    print((memory(os.getpid()).rss - before) / PARKED)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    engine.close()


def deployed(guests: dict[str, Path], folder: Path, cache: Path) -> dict[str, float]:
    """10,000 distinct modules deployed: memory above an empty site's, and the start from a warm cache."""
    folder.mkdir(exist_ok=True)
    source = guests["c"].read_bytes()
    lines = []
    for index in range(DEPLOYED):
        module = folder / f"{index}.wasm"
        name = f"n{index:06}".encode()
        module.write_bytes(source + b"\x00" + bytes([len(name) + 2, 1]) + b"d" + name)
        lines.append(f"\tgojinn /f{index} {module}")
    with gojinn("\trespond ok", cores=ALL_CORES, cache=cache) as empty:
        base = memory(empty.pid, *empty.pids)
    with gojinn("\n".join(lines), cores=ALL_CORES, cache=cache):
        pass  # compiles
    times, spent = [], []
    for _ in range(STARTS):
        with gojinn("\n".join(lines), cores=ALL_CORES, cache=cache) as full:
            grown = memory(full.pid, *full.pids)
            times.append(full.started)
            spent.append(full.spent)
    return {
        "functions": DEPLOYED,
        "rss_mb": (grown.rss - base.rss) / 1e6,
        "empty_rss_mb": base.rss / 1e6,
        "start_seconds": median(times),
        "start_cpu_seconds": median(spent),
    }


def start(cache: Path, *, rounds: int) -> dict[str, float]:
    """The example site with a warm cache, from `gojinn up` to the first answer, and what it takes idle."""
    program = str(Path(sys.executable).with_name("gojinn"))
    subprocess.run([program, "build", str(SITE)], check=True, stdout=subprocess.DEVNULL)
    times, spent = [], []
    for _ in range(rounds + 1):
        with example(SITE, cache=cache) as server:
            times.append(server.started)
            spent.append(server.spent)
            idle = memory(server.pid, *server.pids)
    return {
        "seconds": median(times[1:]),
        "cpu_seconds": median(spent[1:]),
        "idle_rss_mb": idle.rss / 1e6,
        "idle_pss_mb": idle.pss / 1e6,
        **_idle(cache),
    }


def _idle(cache: Path) -> dict[str, float]:
    """Percent of a core that the example site takes while nothing is asked."""
    with example(SITE, cache=cache) as server:
        time.sleep(2)  # what came with the start is over then
        everybody = (server.pid, *server.pids)
        before = sum(map(cpu_seconds, everybody))
        time.sleep(IDLE)
        return {"idle_cpu_percent": (sum(map(cpu_seconds, everybody)) - before) / IDLE * 100}
