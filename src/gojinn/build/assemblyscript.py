"""AssemblyScript, by its own compiler, which is an npm package and runs on Node."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from gojinn.build import npm
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.sdk import place

VERSION = "0.28.20"
"""What the SDK and the templates are written for."""
TOOLS = "${XDG_CACHE_HOME:-~/.cache}/gojinn/tools"
"""Where the package goes for all functions, as a shell takes it: `npm.tools()`."""
PACKAGE = Path("node_modules", "assemblyscript")
GLOBALS = {"abort": "aborted", "console": "console", "process": "process", "seed": "seed", "Date": "Date"}
"""What programs find without importing it, with what the SDK has instead of a host's in its folder `std`."""


def find(folder: Path) -> Toolchain | None:
    """Finds the compiler that a function's folder has installed, one above it, or the user for all."""
    node = shutil.which("node")
    if node is None:
        return None
    for root in npm.places(folder):
        package = root / PACKAGE
        try:
            version = json.loads((package / "package.json").read_bytes())["version"]
        except (OSError, ValueError, KeyError):
            continue
        return Toolchain((node, str(package / "bin" / "asc.js")), str(root / "node_modules"), str(version))
    return None


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Optimises; nothing is freed, as a sandbox lives for one request. The SDK is the package `gojinn`."""
    sdk = place(project, "assemblyscript")
    argv = [*toolchain.argv, project.near(project.source), "-O3", "--debug", "--runtime", "stub"]
    argv += [word for name, ours in GLOBALS.items() for word in ("--use", f"{name}=gojinn_{ours}")]
    argv += ["--path", project.near(sdk), "--lib", project.near(sdk / "std"), "-o", str(output)]
    return (Command((*argv, *project.flags)),)


LANGUAGE = Language(
    name="assemblyscript",
    title="AssemblyScript",
    suffixes=(".ts", "asconfig.json"),
    marks=(("asconfig.json", "main.ts"),),
    version=("--version",),
    find=find,
    install=(
        f"get Node (on Debian 'apt-get install nodejs npm'), then run "
        f"'npm install --prefix {TOOLS} assemblyscript@{VERSION}'"
    ),
    commands=commands,
    sdks=("assemblyscript",),
    faults=((rb"(?s)\A(?!.*_start)", "write 'export function _start(): void', which calls 'serve'"),),
    versions=(VERSION, "0.29"),
)
