"""Builds a function in Python into a component; `python` has it run as a program of its own.

Checks the syntax of all sources first, gets the packages of requirements.txt, then has componentize-py load
the function once and keep its memory.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

PYTHON = "3.14"
"""Of componentize-py's interpreter."""
WORLD = "gojinn:host/function"
ENTRY = "gojinn_entry"
MAIN = "gojinn_main"
"""How the entry imports the function's main module."""
SKIPPED = ("build", "node_modules", "__pycache__")
FRAME = re.compile(r'\s+File "/(\d+)/')
MOUNTED = re.compile(r'"/\d+/')
"""How componentize-py calls the folders that it is given: by their number."""
OURS = (1, 2)
"""Those of them whose frames tell nobody anything."""
TRACEBACK = "Traceback (most recent call last):\n"


def check_syntax(folder: Path) -> list[str]:
    """Complains of each source that is not Python, in the form of compilers."""
    complaints = []
    for where, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        for name in sorted(file for file in files if file.endswith(".py")):
            path = Path(where, name)
            try:
                ast.parse(path.read_bytes(), str(path.relative_to(folder)))
            except (SyntaxError, ValueError) as error:
                complaints.append(complaint(path.relative_to(folder), error))
    return complaints


def complaint(path: Path, error: SyntaxError | ValueError) -> str:
    """Writes a syntax error with its line."""
    if not isinstance(error, SyntaxError):
        return f"{path}:1:1: {error}"
    place = f"{path}:{error.lineno or 1}:{error.offset or 1}: {error.msg}"
    if not error.text:
        return place
    line = error.text.rstrip("\n")
    return f"{place}\n  {line}\n  {' ' * ((error.offset or 1) - 1)}^"


def packages(requirements: Path, scratch: Path) -> Path | None:
    """Installs what requirements.txt names, pure Python only; None without one."""
    if not requirements.is_file():
        return None
    text = requirements.read_bytes()
    target = scratch / "packages" / hashlib.sha256(PYTHON.encode() + text).hexdigest()[:16]
    if target.is_dir():
        return target
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
    ]
    command += [
        "--target",
        str(fresh),
        "--only-binary",
        ":all:",
        "--platform",
        "any",
        "--python-version",
        PYTHON,
    ]
    command += ["--implementation", "py", "--abi", "none", "--requirement", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        raise SystemExit(f"requirements.txt: only packages in pure Python can be used\n{done.stderr.strip()}")
    fresh.rename(target)
    return target


def main(argv: Sequence[str]) -> None:
    """Builds `source` into `output`; what goes wrong is told on stderr."""
    parser = argparse.ArgumentParser()
    for name in ("source", "sdk", "scratch", "output"):
        parser.add_argument(name, type=Path)
    given = parser.parse_args(argv)
    folder = given.source.parent
    complaints = check_syntax(folder)
    if complaints:
        raise SystemExit("\n".join(complaints))
    installed = packages(folder / "requirements.txt", given.scratch)
    alias = given.output.parent / "alias"
    alias.mkdir(exist_ok=True)
    (alias / f"{MAIN}.py").write_text(f"import {given.source.stem} as module\n", encoding="utf-8")
    paths = [folder, given.sdk, alias, *([installed] if installed else [])]
    command = [sys.executable, "-c", "from componentize_py import script; script()"]
    command += ["-d", str(given.sdk / "wit"), "-w", WORLD, "componentize", ENTRY, "-o", str(given.output)]
    for path in paths:
        command += ["-p", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(readable(done.stdout + done.stderr))


def readable(said: str) -> str:
    """Picks the function's own stack out of a report of componentize-py's, if there is one."""
    report = said.partition("\nCaused by:")[0].rpartition(TRACEBACK)[2]
    shown: list[str] = []
    skipping = False
    for line in report.strip("\n").splitlines():
        frame = FRAME.match(line)
        if frame or not line.startswith("    "):
            skipping = frame is not None and int(frame[1]) in OURS
        if not skipping:
            shown.append(MOUNTED.sub('"', line))
    return "\n".join(shown)


if __name__ == "__main__":
    main(sys.argv[1:])
