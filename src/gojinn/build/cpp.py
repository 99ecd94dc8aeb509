"""C++, compiled by Zig's clang with its own WASI libc and libc++, without exceptions."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import c, zig
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.sdk import place


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Compiles C++."""
    options = ("-std=c++23", "-fno-exceptions", f"-I{place(project, 'cpp')}", f"-I{place(project, 'c')}")
    return (c.compiling(toolchain, project, output, "c++", *options),)


LANGUAGE = Language(
    name="cpp",
    title="C++",
    suffixes=(".cpp", ".hpp", ".cc", ".hh", ".h"),
    marks=(("main.cpp", "main.cpp"), ("main.cc", "main.cc")),
    version=zig.LANGUAGE.version,
    find=zig.find,
    install=zig.LANGUAGE.install,
    commands=commands,
    sdks=("c", "cpp"),
    versions=zig.LANGUAGE.versions,
)
