"""C, compiled by Zig's clang with its own WASI libc."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import zig
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.sdk import place


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Compiles C."""
    options = ("-std=gnu17", f"-I{project.near(place(project, 'c'))}")
    return (compiling(toolchain, project, output, "cc", *options),)


def compiling(toolchain: Toolchain, project: Project, output: Path, mode: str, *options: str) -> Command:
    """Optimises for size; the stack lies below the data, so an overflow traps instead of overwriting it.

    Unless it is told otherwise, Zig takes the names of functions away, and what `assert` does.
    """
    argv = [*toolchain.argv, mode, "-target", zig.TARGET, "-Wall", "-Wextra", "-Os", "-g", "-UNDEBUG"]
    sources = [project.near(project.source)]
    if project.snapshot:
        resume = place(project, "c") / "gojinn" / ("resume.c" if mode == "cc" else "resume.cpp")
        sources.append(project.near(resume))
    argv += [f"-Wl,-z,stack-size={project.stack}", *options, *sources, "-o", str(output), *project.flags]
    return Command(tuple(argv), zig.environment(project))


NO_MAIN = ((rb"undefined_weak:main", "write 'int main(void)', which hands its handler to the SDK"),)
"""What linking makes of a `main` that is nowhere: a function that traps."""

LANGUAGE = Language(
    name="c",
    title="C",
    suffixes=(".c", ".h"),
    marks=(("main.c", "main.c"),),
    version=zig.LANGUAGE.version,
    find=zig.find,
    install=zig.LANGUAGE.install,
    commands=commands,
    sdks=("c",),
    faults=NO_MAIN,
    snapshots=True,
    versions=zig.LANGUAGE.versions,
)
