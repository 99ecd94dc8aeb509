"""Runs compilers, checks what they wrote and puts the module in place whole. Knows no language."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import tempfile
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gojinn.build.fingerprint import fingerprint, is_built, remember
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.languages import language, names
from gojinn.build.project import MANIFEST, Project, read_project
from gojinn.errors import BuildError

MAGIC = b"\0asm"


@dataclass(frozen=True, slots=True)
class Built:
    """A module that is in place."""

    project: Project
    size: int
    """Bytes of the module."""
    seconds: float
    """What it took; 0 when nothing had to be done."""
    fresh: bool
    """Whether it was compiled now; False when it was up to date."""
    warnings: str = ""
    """What the compiler said while it succeeded."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a module is made."""

    project: Project
    toolchain: Toolchain
    language: Language
    draft: bool

    def command(self, output: Path) -> Command:
        """The run that writes the module to `output`."""
        command = self.language.command(self.toolchain, self.project, output)
        return replace(command, argv=(*command.argv, *self.language.draft)) if self.draft else command


async def rebuild(folder: str | Path) -> Built:
    """Builds a draft of the function in `folder` if its sources changed; see `build` for what it raises."""
    return await build(read_project(Path(folder), names()), draft=True)


async def build(project: Project, *, force: bool = False, draft: bool = False) -> Built:
    """Compiles a project unless its output is up to date; the output changes in one step or not at all.

    A `draft` is for somebody who waits for it. It does not count as up to date when no draft is asked for.

    Cancellation: the compiler and its children are killed, nothing is left behind.

    Raises:
        BuildError: The compiler is missing, fails, or wrote no WebAssembly module.
    """
    spoken = language(project.language)
    try:
        toolchain = await asyncio.to_thread(require, project, spoken)
        recipe = Recipe(project, toolchain, spoken, draft)
        mark = fingerprint(project, spoken.suffixes, recipe.command(project.output).argv)
        if not force and is_built(project, mark):
            return Built(project, project.output.stat().st_size, 0.0, fresh=False)
        start = time.monotonic()
        warnings = await produce(project, recipe)
        remember(project, mark)
        seconds = time.monotonic() - start
        return Built(project, project.output.stat().st_size, seconds, fresh=True, warnings=warnings)
    except OSError as error:
        where = f"'{error.filename}': " if error.filename else ""
        reason = (error.strerror or str(error)).lower()
        raise BuildError(f"building '{project.name}': {where}{reason}") from error


def require(project: Project, spoken: Language) -> Toolchain:
    """Finds the compiler and sees that there is something to compile."""
    toolchain = spoken.find()
    if toolchain is None:
        raise BuildError(f"building '{project.name}': no compiler for {spoken.title}", hint=spoken.install)
    if not project.source.exists():
        hint = f"correct 'source' in '{project.folder / MANIFEST}'"
        raise BuildError(f"building '{project.name}': no source '{project.source}'", hint=hint)
    return toolchain


async def produce(project: Project, recipe: Recipe) -> str:
    """Compiles beside the output's place, then moves the module there. Returns what the compiler said."""
    project.scratch.mkdir(exist_ok=True)
    project.output.parent.mkdir(parents=True, exist_ok=True)
    with workplace(project) as folder:
        target = folder / project.output.name
        said = await run(project, recipe.command(target))
        check(project, target)
        os.replace(target, project.output)
    return said


@contextmanager
def workplace(project: Project) -> Iterator[Path]:
    """An empty folder for one run of a compiler, gone afterwards.

    It has the same path every time, unless another build is at work there: what rustc keeps between two runs
    is of use to it only when it writes to the same place.
    """
    place = project.scratch / "build"
    place.mkdir(exist_ok=True)
    lock = os.open(place, os.O_RDONLY)
    try:
        with fresh(place / "out") if is_ours(lock) else tempfile.TemporaryDirectory(dir=place) as folder:
            yield Path(folder)
    finally:
        os.close(lock)


def is_ours(lock: int) -> bool:
    """Tries to lock an open folder, until it is closed."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def fresh(folder: Path) -> Iterator[str]:
    """Makes a folder, without what a build may have left that was killed, and removes it again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def run(project: Project, command: Command) -> str:
    """Runs a compiler in a process group of its own."""
    environ = {**os.environ, **command.env}
    started = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command.argv, cwd=project.folder, env=environ, stdout=PIPE, stderr=STDOUT, start_new_session=True
        )
    )
    try:
        # Shielded, because a start that is cancelled half-way would end the compiler but not its children.
        said, _ = await (await asyncio.shield(started)).communicate()
    except asyncio.CancelledError:
        await kill(await started)
        raise
    text = said.decode(errors="replace").strip()
    if (await started).returncode != 0:
        raise BuildError(f"building '{project.name}': the compiler failed", output=text)
    return text


async def kill(process: Process) -> None:
    """Ends a compiler with everything it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def check(project: Project, target: Path) -> None:
    """Refuses an output that is missing or something else than a WebAssembly module."""
    try:
        with target.open("rb") as module:
            head = module.read(len(MAGIC))
    except FileNotFoundError:
        head = b""
    if head != MAGIC:
        hint = "remove the flag that changes what the compiler writes"
        raise BuildError(f"building '{project.name}': the compiler wrote no WebAssembly module", hint=hint)
