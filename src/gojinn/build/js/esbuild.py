"""esbuild, which turns TypeScript and npm packages into one script. It is the project's own, or on PATH."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gojinn.build import npm
from gojinn.build.bundle import Bundle, text_of
from gojinn.build.js import builtins
from gojinn.errors import BuildError

VERSION = "0.28.2"
"""What the templates name in `package.json`, and what the tests run with."""
INSTALL = f"run 'npm install --save-dev esbuild@{VERSION}' in the function's folder (npm comes with Node)"

OPTIONS = (
    "--bundle",
    "--format=esm",
    "--platform=browser",
    "--main-fields=browser,module,main",
    "--conditions=worker,browser,import,module",
    "--target=es2023",
    "--charset=utf8",
    "--external:gojinn",
    "--external:gojinn:*",
    "--sourcemap=external",
    "--sources-content=false",
    "--log-level=warning",
    "--log-limit=20",
    "--color=false",
    '--define:process.env.NODE_ENV="production"',
)


def find(folder: Path) -> Path | None:
    """Finds esbuild for a function in this folder: npm's, or one on PATH."""
    for place in npm.places(folder):
        program = place / "node_modules" / ".bin" / "esbuild"
        if os.access(program, os.X_OK):
            return program
    found = shutil.which("esbuild")
    return Path(found) if found else None


def bundle(program: Path, folder: Path, main: Path, flags: Sequence[str] = ()) -> tuple[Bundle, str]:
    """Makes one script of a main file and all that it imports; and what esbuild warned of.

    Raises BuildError with what esbuild says, which names file, line and column.
    """
    name = main.relative_to(folder).as_posix()
    with tempfile.TemporaryDirectory() as scratch:
        output = Path(scratch, "bundle.js")
        argv = [str(program), name, *OPTIONS, *builtins.aliases(), f"--outfile={output}", *flags]
        done = subprocess.run(argv, cwd=folder, env=builtins.environment(), capture_output=True, check=False)
        said = done.stderr.decode(errors="replace").strip()
        if done.returncode:
            raise BuildError(said or f"esbuild ended with exit code {done.returncode}")
        text = text_of(output.read_bytes(), name)
        map = json.loads(output.with_suffix(".js.map").read_bytes())
    text_of(main.read_bytes(), name)  # esbuild takes what is no UTF-8 as it likes
    map["sources"] = [relative(source, scratch, folder) for source in map["sources"]]
    return Bundle("bundle.js", {"bundle.js": text}, {"bundle.js": map}, name), said


def relative(source: str, scratch: str, folder: Path) -> str:
    """A source's path as its author knows it; a source map has it relative to itself."""
    return os.path.relpath(os.path.join(os.path.realpath(scratch), source), folder)
