"""Runs compilers, checks what they wrote and puts the module in place whole. Knows no language."""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from gojinn.build import snapshot, version
from gojinn.build.fingerprint import fingerprint, is_built, remember
from gojinn.build.language import Command, Language, Toolchain
from gojinn.build.languages import language, read
from gojinn.build.project import MANIFEST, Project
from gojinn.build.sdk import SDKS, lend
from gojinn.build.store import keep, restore, write
from gojinn.engine.debugdata import without_debug_data
from gojinn.engine.inspect import MAGIC
from gojinn.errors import BuildError
from gojinn.locking import tried

LIMIT = 1800.0
"""Seconds that one run of a compiler may take, with all that it starts: cargo's first of a large function
takes minutes, and so may a slow network."""


@dataclass(frozen=True, slots=True)
class Built:
    """A module that is in place."""

    project: Project
    size: int
    """Bytes of the module."""
    seconds: float
    """What it took; 0 when nothing had to be done."""
    fresh: bool
    """Whether it was put in place now; False when it was up to date."""
    cached: bool = False
    """Whether it had been compiled before, from the same sources, and was only put back in place."""
    warnings: str = ""
    """What the compiler said while it succeeded."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a module is made."""

    project: Project
    toolchain: Toolchain
    language: Language
    draft: bool

    def commands(self, output: Path) -> tuple[Command, ...]:
        """The runs, the last of which writes the module to `output`."""
        flags = (*self.project.flags, *(self.language.draft if self.draft else ()))
        commands = self.language.commands(self.toolchain, replace(self.project, flags=flags), output)
        return (*commands, snapshot.command(output)) if self.project.snapshot else commands

    def mark(self) -> str:
        """What stands for all that the module is made of."""
        words = [word for each in self.commands(self.project.output) for word in each.argv]
        sdks = [SDKS / name for name in self.language.sdks]
        return fingerprint(self.project, self.language.suffixes, [*words, self.toolchain.stamp], sdks)


async def rebuild(folder: str | Path) -> Built:
    """Builds a draft of the function in `folder` if its sources changed; see `build` for what it raises."""
    return await build(read(Path(folder)), draft=True)


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
        project.scratch.mkdir(exist_ok=True)
        lend(project.scratch, spoken.sdks)
        recipe = Recipe(project, toolchain, spoken, draft)
        mark = recipe.mark()
        if not force and is_built(project, mark):
            return Built(project, project.output.stat().st_size, 0.0, fresh=False)
        start = time.monotonic()
        cached = not force and restore(mark, project.output)
        warnings = "" if cached else await produce(project, recipe)
        if not cached and not warnings:
            keep(mark, project.output)
        remember(project, mark)
        seconds = time.monotonic() - start
        size = project.output.stat().st_size
        return Built(project, size, seconds, fresh=True, cached=cached, warnings=warnings)
    except OSError as error:
        named = error.filename2 or error.filename
        where = f"'{named}': " if named else ""
        reason = (error.strerror or str(error)).lower()
        raise BuildError(f"building '{project.name}': {where}{reason}") from error


def require(project: Project, spoken: Language) -> Toolchain:
    """Finds the compiler and sees that there is something to compile."""
    toolchain = spoken.find(project.folder)
    if toolchain is None:
        raise BuildError(f"building '{project.name}': no compiler for {spoken.title}", hint=spoken.install)
    if project.snapshot and not spoken.snapshots:
        hint = f"remove 'snapshot' from '{project.folder / MANIFEST}'"
        raise BuildError(f"building '{project.name}': {spoken.title} has no snapshots to ask for", hint=hint)
    if not (project.source.is_file() or project.source.is_dir()):
        hint = f"correct 'source' in '{project.folder / MANIFEST}'"
        raise BuildError(f"building '{project.name}': no source '{project.source}'", hint=hint)
    return toolchain


async def produce(project: Project, recipe: Recipe) -> str:
    """Compiles beside the output's place, then moves the module there. Returns what the compiler said."""
    project.output.parent.mkdir(parents=True, exist_ok=True)
    with workplace(project) as folder:
        target = folder / project.output.name
        said = []
        for command in recipe.commands(target):
            said.append(await run(recipe, command))
            if command.wrote is not None:
                shutil.copyfile(command.wrote, target)
        finish(recipe, target)
        place(target, project.output)
    return "\n".join(filter(None, said))


def place(made: Path, output: Path) -> None:
    """Moves a module to its place in one step, which may be on another file system."""
    try:
        os.replace(made, output)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        with made.open("rb") as module:
            write(module, output)


@contextmanager
def workplace(project: Project) -> Iterator[Path]:
    """An empty folder for one run of a compiler, gone afterwards.

    It has the same path every time, unless another build is at work there: what rustc keeps between two runs
    is of use to it only when it writes to the same place.
    """
    place = project.scratch / "build"
    place.mkdir(exist_ok=True)
    with (
        tried(project.scratch) as ours,
        fresh(place / "out") if ours else tempfile.TemporaryDirectory(dir=place) as folder,
    ):
        yield Path(folder)


@contextmanager
def fresh(folder: Path) -> Iterator[str]:
    """Makes a folder, without what a build may have left that was killed, and removes it again."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def run(recipe: Recipe, command: Command) -> str:
    """Runs a compiler in a process group of its own, which is killed after LIMIT."""
    project = recipe.project
    environ = {**os.environ, **command.env}
    started = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command.argv,
            cwd=project.folder,
            env=environ,
            stdin=DEVNULL,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
    )
    try:
        # Shielded, because a start that is cancelled half-way would end the compiler but not its children.
        async with asyncio.timeout(LIMIT):
            said, _ = await (await asyncio.shield(started)).communicate()
    except TimeoutError as error:
        await kill(await started)
        what = f"building '{project.name}': '{Path(command.argv[0]).name}' was ended after {LIMIT:.0f} s"
        waits = f"see what it waits for, such as the network or a lock: {shlex.join(command.argv)}"
        raise BuildError(what, hint=waits) from error
    except asyncio.CancelledError:
        await kill(await started)
        raise
    text = said.decode(errors="replace").strip()
    if (await started).returncode != 0:
        hint = await asyncio.to_thread(suspicion, recipe) or hinted(recipe.language, text)
        raise BuildError(f"building '{project.name}': the compiler failed", output=text, hint=hint)
    return text


def suspicion(recipe: Recipe) -> str | None:
    """Says that a compiler which has failed is of a version that will not do, if it is."""
    try:
        wrong = version.complaint(recipe.language, version.ask(recipe.language, recipe.toolchain))
    except (OSError, subprocess.SubprocessError):
        return None
    return f"{wrong}: {recipe.language.install}" if wrong else None


async def kill(process: Process) -> None:
    """Ends a compiler with everything it started."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    await process.wait()


def hinted(spoken: Language, said: str) -> str | None:
    """What to do about what a compiler said, where that is not plain."""
    return next((hint for words, hint in spoken.hints if words in said), None)


def finish(recipe: Recipe, target: Path) -> None:
    """Takes debug data out of a module. Refuses an output that is missing, something else, or incomplete."""
    project, spoken = recipe.project, recipe.language
    module = target.read_bytes() if target.exists() else b""
    hint = next((hint for fault, hint in spoken.faults if re.search(fault, module)), None)
    if not module.startswith(MAGIC):
        hint = hint or "remove the flag that changes what the compiler writes"
        raise BuildError(f"building '{project.name}': the compiler wrote no WebAssembly module", hint=hint)
    if hint is not None:
        raise BuildError(f"building '{project.name}': the program is not complete", hint=hint)
    if len(slim := without_debug_data(module)) < len(module):
        target.write_bytes(slim)
