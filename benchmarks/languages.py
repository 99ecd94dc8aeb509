"""One job in every language that the build knows: what deploying, starting and running it takes.

The job stands in `examples/gallery`, a folder for each.
A language whose compiler is not here is left out. What is measured alone runs in processes of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any

from benchmarks.machine import memory

if TYPE_CHECKING:
    from gojinn.build.language import Language
    from gojinn.engine.driver import Engine
    from gojinn.engine.lanes import Program

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "examples" / "gallery"
TAX = "1.15"
"""What stands in each of them, to be another number in one that is as it was before it was changed."""
CALLS = 200
"""Invocations in a row of one language in one round."""
STARTS = 3
"""Processes that start a function and run it for the first time."""
WARM = 50
"""Invocations after which the memory is looked at."""

BODY = {"id": "A-1", "value": 100}
"""An order, as the job reads it."""
ANSWER = {"order_id": "A-1", "total": 115}
"""What it makes of it."""
ENVELOPE = json.dumps(
    {
        "method": "POST",
        "uri": "/json",
        "headers": {"Content-Type": ["application/json"], "Host": ["127.0.0.1"]},
        "body": json.dumps(BODY),
        "trace_id": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        "tenant": "default",
    }
).encode()


def measure(empty: Path, folder: Path, cache: Path, *, rounds: int) -> dict[str, dict[str, Any]]:
    """Figures by the languages' titles; microseconds, seconds and bytes."""
    os.sched_setaffinity(0, {0})
    return asyncio.run(_measure(empty, folder, cache, rounds))


async def _measure(empty: Path, folder: Path, cache: Path, rounds: int) -> dict[str, dict[str, Any]]:
    from gojinn.build.languages import LANGUAGES

    modules: dict[str, Path] = {}
    results: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES:
        source = job(language, folder)
        if language.find(source) is not None:
            modules[language.title], results[language.title] = await _deploy(source, cache)
    async with AsyncExitStack() as stack:
        programs = {}
        for title, path in modules.items():
            engine, load = await stack.enter_async_context(opened(path, cache))
            programs[title] = engine, await load()
        await _time(programs, results, rounds)
    for title, path in modules.items():
        results[title] |= _alone(path, empty, cache)
    return results


def job(language: Language, folder: Path) -> Path:
    """Copies a language's source of the job, so that nothing of an earlier build is there."""
    leave = shutil.ignore_patterns(".gojinn", "build", "node_modules")
    return Path(shutil.copytree(SOURCES / language.name, folder / language.name, ignore=leave))


def taxed(folder: Path) -> Path:
    """The file of a job that has the tax in it."""
    return next(file for file in folder.iterdir() if file.is_file() and TAX in file.read_text())


async def _deploy(source: Path, cache: Path) -> tuple[Path, dict[str, Any]]:
    """Builds and compiles a function that was changed: what compilers keep is there from before."""
    from gojinn.build.compile import build
    from gojinn.build.languages import read
    from gojinn.engine.cache import CompileCache

    project, store = read(source), CompileCache(cache)
    main = taxed(source)
    text = main.read_text()
    main.write_text(text.replace(TAX, "1.16"))
    await build(project)
    await store.compile([str(project.output)])
    main.write_text(text)
    built = await build(project, force=True)
    began = time.perf_counter()
    await store.compile([str(project.output)])
    compiling = time.perf_counter() - began
    return project.output, {"bytes": built.size, "seconds": built.seconds, "compile_seconds": compiling}


@asynccontextmanager
async def opened(module: Path, cache: Path) -> AsyncIterator[tuple[Engine, Callable[[], Awaitable[Program]]]]:
    """An engine, and what loads a function into it as a server does, from the native code in the cache."""
    from gojinn.capabilities.host import host_opened
    from gojinn.engine.cache import CompileCache
    from gojinn.engine.driver import Engine
    from gojinn.engine.settings import EngineSettings
    from gojinn.functions.config import FunctionConfig
    from gojinn.functions.permissions import Permissions
    from gojinn.functions.prepare import prepare
    from gojinn.functions.registry import FunctionRegistry

    config = FunctionConfig(str(module), permissions=Permissions.everything())
    store = CompileCache(cache)
    modules = await prepare([config], store)
    engine = Engine(EngineSettings(slots=100))
    try:
        async with host_opened({}) as host:
            registry = FunctionRegistry(engine, store, host)
            async with registry.binding(config, modules) as function:
                yield engine, lambda: registry.load(function)
            registry.close()
    finally:
        engine.close()


async def _time(
    programs: dict[str, tuple[Engine, Program]], results: dict[str, dict[str, Any]], rounds: int
) -> None:
    """Invokes them in turn, so that all of them see the same machine."""
    walls: dict[str, list[float]] = {title: [] for title in programs}
    cpus: dict[str, list[float]] = {title: [] for title in programs}
    for number in range(rounds + 1):
        for title, (engine, program) in programs.items():
            before = time.process_time()
            for _ in range(CALLS):
                start = time.perf_counter()
                outcome = await engine.invoke(program, ENVELOPE, timeout=10)
                walls[title].append((time.perf_counter() - start) * 1e6)
            cpus[title].append((time.process_time() - before) / CALLS * 1e6)
            if number == 0:
                _check(title, outcome.stdout)
    for title in programs:
        counted = walls[title][CALLS:]
        results[title] |= {
            "p50_us": median(counted),
            "p99_us": quantiles(counted, n=100)[-1],
            "cpu_us": median(cpus[title][1:]),
        }


def _check(title: str, stdout: bytes) -> None:
    """Raises RuntimeError for an answer that is not the job's."""
    try:
        answer = json.loads(json.loads(stdout)["body"])
        right = {name: round(v, 6) if isinstance(v, float) else v for name, v in answer.items()} == ANSWER
    except (ValueError, KeyError, AttributeError):
        right = False
    if not right:
        raise RuntimeError(f"the function in {title} answered {stdout[:300]!r}")


def _alone(module: Path, empty: Path, cache: Path) -> dict[str, float]:
    """What the first invocation of a function takes, and its memory once it has been called for a while."""
    found = []
    for _ in range(STARTS):
        command = [sys.executable, "-m", "benchmarks.languages", *map(str, (module, empty, cache))]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found.append(json.loads(done.stdout))
    return {name: median(each[name] for each in found) for name in found[0]}


async def _start(module: Path, empty: Path, cache: Path) -> dict[str, float]:
    """The same, once, in this process, which serves another function already."""
    async with opened(empty, cache) as (other, load_other), opened(module, cache) as (engine, load):
        await other.invoke(await load_other(), ENVELOPE, timeout=10)
        before = memory(os.getpid()).pss
        began = time.perf_counter()
        program = await load()
        outcome = await engine.invoke(program, ENVELOPE, timeout=10)
        took = time.perf_counter() - began
        _check(module.stem, outcome.stdout)
        for _ in range(WARM):
            await engine.invoke(program, ENVELOPE, timeout=10)
        return {"start_ms": took * 1e3, "memory_bytes": memory(os.getpid()).pss - before}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_start(*map(Path, sys.argv[1:])))))
