"""One job in every language with its SDK: size and build time of the module, and an invocation, engine alone.

The sources stand in `languages/`, a folder each; a language whose compiler is not here is left out.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from pathlib import Path
from statistics import median

from benchmarks.engine import ENVELOPE

SOURCES = Path(__file__).with_name("languages")
CALLS = 400


def measure(folder: Path, cache: Path, *, rounds: int) -> dict[str, dict[str, float]]:
    """Figures by the languages' titles: seconds and bytes of a build, microseconds of an invocation."""
    os.sched_setaffinity(0, {0})
    shutil.copytree(SOURCES, folder, ignore=shutil.ignore_patterns(".gojinn", "build"))
    return asyncio.run(_measure(sorted(folder.iterdir()), cache, rounds))


async def _measure(sources: list[Path], cache: Path, rounds: int) -> dict[str, dict[str, float]]:
    from gojinn.build.compile import build
    from gojinn.build.languages import language, read
    from gojinn.capabilities.host import Host
    from gojinn.engine.cache import CompileCache
    from gojinn.engine.driver import Engine
    from gojinn.engine.limits import ProgramSpec
    from gojinn.engine.settings import EngineSettings

    results: dict[str, dict[str, float]] = {}
    programs = {}
    engine = Engine(EngineSettings(slots=100))
    for source in sources:
        project = read(source)
        title = language(project.language).title
        if language(project.language).find(source) is None:
            continue
        await build(project, force=True)  # fills the compilers' own caches, as a second build finds them
        built = await build(project, force=True)
        module = str(project.output)
        compiled = (await CompileCache(cache).compile([module]))[module].path
        programs[title] = engine.load(compiled, ProgramSpec(), Host({}).functions(frozenset()))
        outcome = await engine.invoke(programs[title], ENVELOPE, timeout=10)
        answer = json.loads(json.loads(outcome.stdout)["body"])
        assert answer["order_id"] == "A-1", answer
        assert round(answer["total"], 6) == 115.0, answer
        results[title] = {"bytes": built.size, "seconds": built.seconds}
    await _time(engine, programs, results, rounds)
    engine.close()
    return results


async def _time(engine, programs, results, rounds):  # type: ignore[no-untyped-def]
    """Invokes them in turn, so that all of them see the same machine."""
    walls = {title: [] for title in programs}
    cpus = {title: [] for title in programs}
    for _ in range(rounds + 1):
        for title, program in programs.items():
            before = time.process_time()
            for _ in range(CALLS):
                start = time.perf_counter()
                await engine.invoke(program, ENVELOPE, timeout=10)
                walls[title].append((time.perf_counter() - start) * 1e6)
            cpus[title].append((time.process_time() - before) / CALLS * 1e6)
    for title in programs:
        results[title] |= {"p50_us": median(walls[title][CALLS:]), "cpu_us": median(cpus[title][1:])}
