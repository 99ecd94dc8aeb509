"""Zig, from the `ziglang` wheel or PATH. The same compiler builds C, see `c`."""

from __future__ import annotations

from pathlib import Path

from gojinn.build.language import Command, Language, Toolchain, as_module, on_path
from gojinn.build.project import Project
from gojinn.build.sdk import place

TARGET = "wasm32-wasi"


def find(folder: Path) -> Toolchain | None:
    """Finds Zig; the wheel comes first because the template is written for that version."""
    return as_module("ziglang") or on_path("zig")


def environment(project: Project) -> dict[str, str]:
    """Keeps Zig's local cache out of the project's sources."""
    return {"ZIG_LOCAL_CACHE_DIR": str(project.scratch / "zig")}


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Optimises for speed and keeps the checks, so that a wrong index ends in a message: small requests take
    as long as without. The sources may import `gojinn`, the SDK."""
    argv = [*toolchain.argv, "build-exe", "-target", TARGET, "-O", "ReleaseSafe", "-fno-strip"]
    argv += ["--stack", str(project.stack), f"-femit-bin={output}", *project.flags]
    argv += ["--dep", "gojinn", f"-Mroot={project.near(project.source)}"]
    argv += [f"-Mgojinn={project.near(place(project, 'zig') / 'gojinn.zig')}"]
    return (Command(tuple(argv), environment(project)),)


LANGUAGE = Language(
    name="zig",
    title="Zig",
    suffixes=(".zig", ".zon"),
    marks=(("main.zig", "main.zig"),),
    version=("version",),
    find=find,
    install="run 'pip install gojinn[toolchains]', or put 'zig' on PATH",
    commands=commands,
    sdks=("zig",),
    hints=(("entry symbol not defined", "write 'pub fn main() void', which hands its handler to the SDK"),),
    versions=("0.17", "0.18"),
    # LLVM's optimiser takes three quarters of the time.
    draft=("-O", "Debug"),
)
