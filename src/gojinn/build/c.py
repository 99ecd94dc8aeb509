"""C, compiled by Zig's clang with its own WASI libc."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import zig
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.sdk import place


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Compiles C."""
    options = ("-std=gnu17", f"-I{place(project, 'c')}")
    return (compiling(toolchain, project, output, "cc", *options),)


def compiling(toolchain: Toolchain, project: Project, output: Path, mode: str, *options: str) -> Command:
    """Optimises for size; the stack lies below the data, so an overflow traps instead of overwriting it."""
    argv = [*toolchain.argv, mode, "-target", zig.TARGET, "-Wall", "-Wextra", "-Os", "-s", *options]
    sources = [str(project.source)]
    if project.snapshot:
        sources.append(str(place(project, "c") / "gojinn" / ("resume.c" if mode == "cc" else "resume.cpp")))
    argv += [f"-Wl,-z,stack-size={project.stack}", *sources, "-o", str(output), *project.flags]
    return Command(tuple(argv), zig.environment(project))


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
    snapshots=True,
    versions=zig.LANGUAGE.versions,
)
