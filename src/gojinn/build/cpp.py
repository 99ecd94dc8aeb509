"""C++, compiled by Zig's clang with its own WASI libc and libc++, without exceptions."""

from __future__ import annotations

from pathlib import Path

from gojinn.build import c, zig
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.sdk import place


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Compiles C++."""
    includes = (f"-I{project.near(place(project, name))}" for name in LANGUAGE.sdks)
    options = ("-std=c++23", "-fno-exceptions", *includes)
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
    sdks=("cpp", "c"),
    hints=(("exceptions disabled", "return a response that says what is wrong; nothing can be thrown here"),),
    faults=c.NO_MAIN,
    versions=zig.LANGUAGE.versions,
)
