"""Makes a language of an interpreter. Loading sources into its image is `interpret`'s, elsewhere."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Callable
from pathlib import Path

from gojinn.build.interpreter import Interpreter
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.project import Project
from gojinn.build.runtimes import locate, runtime

INTERPRET = "gojinn.build.interpret"
PACKAGE = Path(__file__).resolve().parents[1]
PARTS = (
    *("build/bundle.py", "build/interpret.py"),
    *("engine/freeze.py", "engine/resume.py", "engine/snapshot.py"),
)
"""What every module is made with besides the image."""
MISSING = "run 'make runtimes' in a checkout of gojinn, or 'gojinn runtime install FILE'"


def interpreted(
    interpreter: Interpreter,
    *,
    name: str,
    title: str,
    marks: tuple[tuple[str, str], ...],
    sdks: tuple[str, ...] = (),
    suffixes: tuple[str, ...] | None = None,
    find: Callable[[Path], Toolchain | None] | None = None,
    install: str = MISSING,
    memory: str = "64MB",
) -> Language:
    """A language whose compiler is the interpreter, which is found by `find` where more than its image is
    needed; `suffixes` are those of its bundle unless it has sources that do not get there as they are."""

    def commands(toolchain: Toolchain, project: Project, output: Path) -> tuple[Command, ...]:
        """Runs in the function's folder, so that names of files are relative to it. What it and those that it
        starts write for a time is beside the output, and goes with that when they are killed."""
        argv = (*toolchain.argv, name, str(project.source), str(output), *toolchain.flags, *project.flags)
        return (Command(argv, {"TMPDIR": str(output.parent)}),)

    return Language(
        name=name,
        title=title,
        suffixes=suffixes or interpreter.suffixes,
        marks=marks,
        version=(name, "--version"),
        find=find or (lambda folder: find_image(interpreter)),
        install=install,
        commands=commands,
        sdks=sdks,
        interpreter=interpreter,
        memory=memory,
    )


def find_image(interpreter: Interpreter) -> Toolchain | None:
    """Finds the image; one that is put together on this machine need not be there yet."""
    wanted = runtime(interpreter.runtime)
    image = locate(wanted)
    if image is None and not wanted.assembled:
        return None
    digest = hashlib.sha256()
    for part in (*PARTS, *interpreter.made_with()):
        digest.update((PACKAGE / part).read_bytes())
    origin = str(image) if image else "put together by the first build"
    argv = (sys.executable, "-P", "-m", INTERPRET)
    return Toolchain(argv, origin, f"{wanted.sha256} {digest.hexdigest()}")
