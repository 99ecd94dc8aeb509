"""What a guest language is to the build: how its compiler is found and started. Names no language."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gojinn.build.interpreter import Interpreter
from gojinn.build.project import Project


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler that was found."""

    argv: tuple[str, ...]
    """How it is started."""
    origin: str
    """Where it comes from, to show: `PATH` or a package."""
    stamp: str = ""
    """Changes when another version is installed in its place."""
    flags: tuple[str, ...] = ()
    """Arguments that this very installation needs."""


@dataclass(frozen=True, slots=True)
class Command:
    """One run of a compiler."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""
    wrote: Path | None = None
    """Where the module is afterwards, for compilers that cannot be told; None for where it is wanted."""


@dataclass(frozen=True, slots=True)
class Language:
    """A guest language: one line in `languages.LANGUAGES` each."""

    name: str
    """As in `language = "…"` and `--lang`."""
    title: str
    suffixes: tuple[str, ...]
    """File name endings of its sources: what a change is looked for in."""
    marks: tuple[tuple[str, str], ...]
    """Files that tell of this language, the first that is there counts, with what is `source` then."""
    version: tuple[str, ...]
    """Arguments that make the compiler tell its version."""
    find: Callable[[Path], Toolchain | None]
    """Finds the compiler for a function in this folder."""
    install: str
    """How to get the compiler: the hint when it is missing."""
    commands: Callable[[Toolchain, Project, Path], tuple[Command, ...]]
    """`commands(toolchain, project, output)`: the runs, the last of which writes the module to `output`."""
    sdks: tuple[str, ...] = ()
    """The folders of SDKs that it may use."""
    versions: tuple[str, str] = ("0", "")
    """The oldest version that will do, and the first that will not."""
    hints: tuple[tuple[str, str], ...] = ()
    """What its compiler says that its users may not understand, each with what to do."""
    faults: tuple[tuple[bytes, str], ...] = ()
    """Patterns of what its compiler writes where something is missing, each with what to do."""
    reserved: tuple[str, ...] = ()
    """Names that a function in it cannot have."""
    memory: str = "64MB"
    """The memory limit that a new function is given: what the language itself needs, and room."""
    draft: tuple[str, ...] = ()
    """Flags added for a draft: a module that is there sooner, though larger and slower."""
    interpreter: Interpreter | None = None
    """What the sources are loaded into, for a language that is not compiled."""

    snapshots: bool = False
    """Whether its SDK knows what `snapshot = true` needs. Modules of interpreters are snapshots anyway."""

    @property
    def source(self) -> str:
        """The usual `source`."""
        return self.marks[0][1]


def on_path(program: str) -> Toolchain | None:
    """Finds a program on PATH."""
    found = shutil.which(program)
    return Toolchain((found,), "PATH", stamp(Path(found))) if found else None


def beside_python(program: str, package: str) -> Toolchain | None:
    """Finds a program that a wheel put next to our interpreter, with the environment activated or not."""
    path = Path(sys.executable).parent / program
    return Toolchain((str(path),), package, stamp(path)) if os.access(path, os.X_OK) else None


def as_module(module: str) -> Toolchain | None:
    """Finds a compiler that is started as `python -m <module>`."""
    found = importlib.util.find_spec(module)
    if found is None or found.origin is None:
        return None
    origin = f"the {module} package"
    return Toolchain((sys.executable, "-m", module), origin, stamp(Path(found.origin)))


def stamp(path: Path) -> str:
    """Tells one state of a program from another, by its size and time."""
    stat = path.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"
