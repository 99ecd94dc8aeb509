"""What many parked guests and many deployed functions cost in memory, and how fast a start is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.machine import SERVER_CORES, memory
from benchmarks.server import gojinn

PARKED = 10_000
DEPLOYED = 10_000


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
    with gojinn("\trespond ok", cores=SERVER_CORES, cache=cache) as empty:
        base = memory(empty.pid, *empty.pids)
    with gojinn("\n".join(lines), cores=SERVER_CORES, cache=cache):
        pass
    with gojinn("\n".join(lines), cores=SERVER_CORES, cache=cache) as full:
        grown = memory(full.pid, *full.pids)
        return {
            "functions": DEPLOYED,
            "rss_mb": (grown.rss - base.rss) / 1e6,
            "empty_rss_mb": base.rss / 1e6,
            "start_seconds": full.started,
        }


def start(guests: dict[str, Path], cache: Path, *, rounds: int) -> dict[str, float]:
    """Seconds from `gojinn up` to the first answer with a warm cache, default workers, and idle memory."""
    site = "\n".join(f"\tgojinn /{name} {guests[name]}" for name in ("c", "go", "rust") if name in guests)
    times, resident = [], []
    for _ in range(rounds + 1):
        with gojinn(
            site, cores=set(range(os.cpu_count() or 1)), workers=os.cpu_count() or 1, cache=cache
        ) as server:
            times.append(server.started)
            resident.append(memory(server.pid, *server.pids).pss / 1e6)
    return {"seconds": median(times[1:]), "idle_pss_mb": median(resident[1:])}
