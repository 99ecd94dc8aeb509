"""What a hundred functions of one interpreted language cost: memory of a worker that serves them, and disk.

They are as different as functions of different people: other sources, so each has a module of its own.
"""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path
from urllib.request import Request, urlopen

from benchmarks.languages import BODY, SOURCES, TAX, taxed
from benchmarks.machine import ALL_CORES, memory
from benchmarks.server import gojinn

FUNCTIONS = 100


def measure(folder: Path, cache: Path) -> dict[str, dict[str, float]]:
    """Bytes by the languages' titles, above those of a worker that serves one function of the language."""
    from gojinn.build.languages import LANGUAGES

    results = {}
    for language in LANGUAGES:
        source = SOURCES / language.name
        ready = language.interpreter is not None and source.is_dir() and language.find(source) is not None
        if ready:
            modules = asyncio.run(_build(source, folder / language.name))
            one, hundred = _serve(modules[:1], cache), _serve(modules, cache)
            results[language.title] = {
                "first_bytes": one["called"] - one["loaded"],
                "each_bytes": (hundred["called"] - one["called"]) / (len(modules) - 1),
                "module_bytes": modules[0].stat().st_size,
                "source_bytes": sum(file.stat().st_size for file in source.iterdir() if file.is_file()),
            }
    return results


async def _build(source: Path, folder: Path) -> list[Path]:
    """Builds functions that differ in a number."""
    from gojinn.build.compile import build
    from gojinn.build.languages import read

    modules = []
    for number in range(FUNCTIONS):
        project = read(Path(shutil.copytree(source, folder / str(number))))
        main = taxed(project.folder)
        main.write_text(main.read_text().replace(TAX, f"1.{150 + number}"))
        modules.append((await build(project)).project.output)
    return modules


def _serve(modules: list[Path], cache: Path) -> dict[str, int]:
    """Proportional memory of one worker: before its functions are called, and after each was called."""
    lines = "\n".join(f"\tgojinn /f{number} {module}" for number, module in enumerate(modules))
    with gojinn(lines, cores=ALL_CORES, cache=cache):
        pass  # compiles
    with gojinn(lines, cores=ALL_CORES, cache=cache) as server:
        loaded = memory(*server.pids).pss
        for number in range(len(modules)):
            _call(f"{server.url}/f{number}")
        return {"loaded": loaded, "called": memory(*server.pids).pss}


def _call(url: str) -> None:
    with urlopen(Request(url, json.dumps(BODY).encode()), timeout=60) as answer:
        assert json.load(answer)["order_id"] == BODY["id"]
