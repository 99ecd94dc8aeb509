"""What a guest language is to the build: how its compiler is found and started. Names no language."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gojinn.build.project import Project


@dataclass(frozen=True, slots=True)
class Toolchain:
    """A compiler that was found."""

    argv: tuple[str, ...]
    """How it is started."""
    origin: str
    """Where it comes from, to show: `PATH` or a package."""
    flags: tuple[str, ...] = ()
    """Arguments that this very installation needs."""


@dataclass(frozen=True, slots=True)
class Command:
    """One run of a compiler."""

    argv: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)
    """Added to our own environment."""


@dataclass(frozen=True, slots=True)
class Language:
    """A guest language: one line in `languages.LANGUAGES` each."""

    name: str
    """As in `language = "…"` and `--lang`."""
    title: str
    suffixes: tuple[str, ...]
    """File name endings of its sources: what a change is looked for in."""
    source: str
    """What `gojinn init` puts into the manifest's `source`."""
    version: tuple[str, ...]
    """Arguments that make the compiler tell its version."""
    find: Callable[[], Toolchain | None]
    install: str
    """How to get the compiler: the hint when it is missing."""
    command: Callable[[Toolchain, Project, Path], Command]
    """`command(toolchain, project, output)`: the run that writes the module to `output`."""
    draft: tuple[str, ...] = ()
    """Arguments added for a draft: a module that is there sooner, though larger and slower."""


def on_path(program: str) -> Toolchain | None:
    """Finds a program on PATH."""
    found = shutil.which(program)
    return Toolchain((found,), "PATH") if found else None


def beside_python(program: str, package: str) -> Toolchain | None:
    """Finds a program that a wheel put next to our interpreter, with the environment activated or not."""
    path = Path(sys.executable).parent / program
    return Toolchain((str(path),), package) if os.access(path, os.X_OK) else None


def as_module(module: str) -> Toolchain | None:
    """Finds a compiler that is started as `python -m <module>`."""
    if importlib.util.find_spec(module) is None:
        return None
    return Toolchain((sys.executable, "-m", module), f"the {module} package")
