"""One try: a function that uses packages is built and asked. Where packages come from is `sources`'."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.packages import sources, upstream
from gojinn.testing.app import serve

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
    module = next((folder / "build").glob("*.wasm"), None) if built.returncode == 0 else None
    if module and each.get("asks"):
        said = asyncio.run(served(module))
    elif module:
        ask = ["--uri", each.get("uri", "/"), *(f"-H{line}" for line in each.get("headers", ()))]
        ask += ["--memory-limit", "256MB", *(("-d", each["data"]) if "data" in each else ())]
        asked = ran(*GOJINN, "invoke", str(module), *ask, cwd=folder)
        said = f"{asked.stdout}\n{asked.stderr}"
    held = all(part in said for part in expected)
    print("ok  " if held else "NOT ", *each["packages"], each.get("what", ""), flush=True)
    if not held:
        print(*(f"    {line}" for line in said.splitlines()[:40]), f"    expected {expected}", sep="\n")
    runs = "answer" in each
    return Result(tuple(each["packages"]), each.get("what", ""), runs, each.get("instead", ""), held)


SITE = """\
:0
gojinn * %s {
	memory_limit 256MB
	timeout 30s
	debug_secret secret
	allow_host 127.0.0.1
	env TO %s
}
"""


async def served(module: Path) -> str:
    """Serves a function that asks a server, whose address is in its variable TO; its answer and its log."""
    async with upstream.started() as address, serve(SITE % (module, address)) as app:
        async with app.session.get(app.url, headers={"X-Gojinn-Debug": "secret"}) as answer:
            return f"{await answer.text()}\n{answer.headers.get('X-Gojinn-Logs', '')}"


def ran(*argv: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end."""
    return subprocess.run(argv, cwd=cwd, capture_output=True, text=True, timeout=SECONDS, check=False)
