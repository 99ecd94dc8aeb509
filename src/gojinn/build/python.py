"""Python, made into a component by componentize-py: the interpreter is inside, with the function loaded."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from gojinn.build.language import Command, Language, Toolchain, as_module
from gojinn.build.project import Project
from gojinn.build.sdk import place


def find(folder: Path) -> Toolchain | None:
    """Finds componentize-py beside our interpreter."""
    found = as_module("componentize_py")
    if found is None:
        return None
    version = (sys.executable, "-c", "from componentize_py import script; script()")
    return replace(found, argv=version, origin="the componentize-py package")


def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
    """Checks, gets packages and builds in one run."""
    argv = [sys.executable, "-P", "-m", "gojinn.build.componentize"]
    argv += [str(project.source), str(place(project, "python")), str(project.scratch), str(output)]
    return (Command((*argv, *project.flags)),)


LANGUAGE = Language(
    name="python",
    title="Python",
    suffixes=(".py", "requirements.txt"),
    marks=(("main.py", "main.py"),),
    version=("--version",),
    find=find,
    install="run 'pip install gojinn[toolchains]'",
    commands=commands,
    sdks=("python",),
    versions=("0.25", "0.26"),
)
