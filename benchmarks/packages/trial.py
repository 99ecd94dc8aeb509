"""One try: a function that uses packages is built and asked. Where packages come from is `sources`'."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.packages import sources, upstream

GOJINN = (sys.executable, "-m", "gojinn")
SECONDS = 300


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a try."""

    packages: tuple[str, ...]
    what: str
    runs: bool
    """Whether the function is to run; else what it says is to be found in the complaint."""
    instead: str
    held: bool
    """Whether it did what the table says."""


def run(table: dict[str, Any], each: dict[str, Any], scratch: Path) -> Result:
    """Builds and asks a function in a folder of its own."""
    name = "-".join(each["packages"]).replace("/", "-").replace("@", "") + each.get("what", "")[:8]
    folder = scratch / "".join(letter for letter in name.lower() if letter.isalnum() or letter in "-.")[:60]
    folder.mkdir()
    for file, text in {
        **table.get("files", {}),
        **each.get("files", {}),
        table["main"]: each["code"],
    }.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(text)
    sources.fetch(table["from"], each["packages"], folder, scratch)
    built = ran(*GOJINN, "build", ".", cwd=folder)
    said, expected = built.stdout + built.stderr, each.get("fails") or each["answer"]
    if built.returncode == 0:
        module = next((folder / "build").glob("*.wasm"))
        ask = ["--uri", each.get("uri", "/"), *(f"-H{line}" for line in each.get("headers", ()))]
        ask += ["-d", each["data"]] if "data" in each else []
        said = asyncio.run(invoked(str(module), *ask, cwd=folder))
    held = all(part in said for part in expected)
    print("ok  " if held else "NOT ", *each["packages"], each.get("what", ""), flush=True)
    if not held:
        print(*(f"    {line}" for line in said.splitlines()[:40]), f"    expected {expected}", sep="\n")
    runs = "answer" in each
    return Result(tuple(each["packages"]), each.get("what", ""), runs, each.get("instead", ""), held)


async def invoked(*options: str, cwd: Path) -> str:
    """Runs a function, whose variable TO has the address of a server that it may ask; what it answered."""
    async with upstream.started() as address:
        options = (*options, "--env", f"TO={address}", "--allow-host", "127.0.0.1", "--memory-limit", "256MB")
        asked = await asyncio.to_thread(ran, *GOJINN, "invoke", *options, cwd=cwd)
    return f"{asked.stdout}\n{asked.stderr}"


def ran(*argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False)
