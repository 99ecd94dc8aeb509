"""C, compiled by Zig's clang with its own WASI libc."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import zig
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project


def command(toolchain: Toolchain, project: Project, output: Path) -> Command:
    """Optimises for size; the stack lies below the data, so an overflow traps instead of overwriting it."""
    argv = [*toolchain.argv, "cc", "-target", zig.TARGET, "-std=gnu17", "-Wall", "-Wextra", "-Os", "-s"]
    argv += [f"-Wl,-z,stack-size={project.stack}", str(project.source), "-o", str(output), *project.flags]
    return Command(tuple(argv), zig.environment(project))


LANGUAGE = Language(
    name="c",
    title="C",
    suffixes=(".c", ".h"),
    source="main.c",
    version=zig.LANGUAGE.version,
    find=zig.find,
    install=zig.LANGUAGE.install,
    command=command,
)
