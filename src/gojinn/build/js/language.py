"""JavaScript and TypeScript as languages of the build. Compiling is `compile`'s, the bundler the user's."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path

from gojinn.build.js import esbuild
from gojinn.build.language import Command, Language, Toolchain, stamp
from gojinn.build.project import Project
from gojinn.build.runtimes import locate, runtime

COMPILE = "gojinn.build.js.compile"
RUNTIME = "javascript"
SOURCES = Path(__file__).resolve().parents[2]
OURS = (
    "build/js/compile.py",
    "build/js/esbuild.py",
    "build/js/sources.py",
    "engine/freeze.py",
    "engine/snapshot.py",
)
"""What a module is made with besides the runtime."""


def find(folder: Path) -> Toolchain | None:
    """Finds the runtime; with it esbuild, where the function has npm packages."""
    wanted = runtime(RUNTIME)
    image = locate(wanted)
    if image is None:
        return None
    ours = hashlib.sha256(b"".join((SOURCES / name).read_bytes() for name in OURS)).hexdigest()
    compiler = Toolchain((sys.executable, "-P", "-m", COMPILE), str(image), f"{wanted.sha256} {ours}")
    program = esbuild.find(folder) if has_packages(folder) else None
    return bundling(compiler, program) if program else compiler


def find_with_bundler(folder: Path) -> Toolchain | None:
    """Finds both."""
    compiler, program = find(folder), esbuild.find(folder)
    if compiler is None or program is None or compiler.flags:
        return compiler if program else None
    return bundling(compiler, program)


def bundling(compiler: Toolchain, program: Path) -> Toolchain:
    """The same with esbuild before it."""
    origin = f"{compiler.origin}, esbuild from {program.parent}"
    flags = ("--esbuild", str(program))
    return Toolchain(compiler.argv, origin, f"{compiler.stamp} {stamp(program.resolve())}", flags)


def has_packages(folder: Path) -> bool:
    """Whether a package.json names packages that the function needs when it runs."""
    try:
        described = json.loads((folder / "package.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and bool(described.get("dependencies"))


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Runs the compiler in the function's folder, so that names of files are relative to it."""
    argv = (*toolchain.argv, str(project.source), str(output), *toolchain.flags, *project.flags)
    return (Command(argv),)


RUNTIME_MISSING = "run 'make runtimes' in a checkout of gojinn, or 'gojinn runtime install FILE'"

JAVASCRIPT = Language(
    name="js",
    title="JavaScript",
    suffixes=(".js", ".mjs", ".cjs", ".json"),
    marks=(("index.js", "index.js"), ("index.mjs", "index.mjs"), ("src/index.js", "src/index.js")),
    version=("--version",),
    find=find,
    install=RUNTIME_MISSING,
    commands=commands,
    sdks=("javascript",),
)

TYPESCRIPT = Language(
    name="ts",
    title="TypeScript",
    suffixes=(".ts", ".tsx", ".mts", ".js", ".jsx", ".mjs", ".cjs", ".json"),
    marks=(("index.ts", "index.ts"), ("src/index.ts", "src/index.ts")),
    version=("--version",),
    find=find_with_bundler,
    install=esbuild.INSTALL,
    commands=commands,
    sdks=("javascript",),
)
