"""The cache of compiled modules: from a module's file to native code that a worker may map.

A cache directory belongs to one user and may be used by any number of processes at once. The supervisor
compiles (`compile`), workers look up (`find`) and map (`load`); any of them may do either. How files are
written and checked is in `entries`, compiling itself in `compile`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from gojinn.engine.capi import WasmtimeError
from gojinn.engine.compile import Answer, Done, Job
from gojinn.engine.compilers import Compilers
from gojinn.engine.entries import Entries, entry_name
from gojinn.engine.host import LinkError
from gojinn.engine.index import Index, load_index, save_index
from gojinn.engine.inspect import ModuleInfo
from gojinn.engine.sealing import BrokenSeal
from gojinn.engine.source import Identity, identify, read_source
from gojinn.errors import ModuleError

DEFAULT_SIZE = 4 << 30
"""Bytes of compiled modules kept: ten thousand small ones take one GiB, a Go module 7 MB."""

Progress = Callable[[int, int, str], None]
"""Called with modules done, modules in all, and the path of the one just done. The first call is made before
any is done: with 0, and the path of the one that comes first."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Compiled:
    """A module whose native code is in a cache."""

    source: str
    """The module's file, as it was named."""
    sha256: str
    """Of the module's content, in hexadecimal."""
    metered: bool
    """Whether it consumes fuel: then it runs in metered engines only, else in plain ones only."""
    info: ModuleInfo
    folder: Path

    @property
    def name(self) -> str:
        """The entry's name in the cache."""
        return entry_name(self.sha256, self.metered)

    @property
    def path(self) -> Path:
        """The entry's file. `CompileCache.load` checks it before it hands it out; prefer that."""
        return self.folder / self.name


class CompileCache:
    """The cache in the directory `root`, which is made when it is missing.

    Raises StartError when another user could write there: compiled modules are native code.
    """

    def __init__(self, root: Path, size: int = DEFAULT_SIZE, compiler_memory: int | None = None) -> None:
        self.size = size
        self.entries = Entries(root.absolute())
        self.compilers = Compilers(root.absolute(), compiler_memory)
        self.index_file = self.entries.folder / "index"
        self.rebuilt: set[str] = set()

    async def compile(
        self,
        paths: Iterable[str],
        *,
        metered: Collection[str] = frozenset(),
        progress: Progress | None = None,
    ) -> dict[str, Compiled]:
        """Sees to it that each module is in the cache, those in `metered` with fuel.

        A module that was there before costs one `stat`. Cancellation ends the compile processes. Raises the
        ModuleError of the first module that has one; `compile_each` tells them all.
        """
        results = await self.compile_each(paths, metered=metered, progress=progress)
        compiled = {}
        for path, result in results.items():
            if isinstance(result, ModuleError):
                raise result
            compiled[path] = result
        return compiled

    async def compile_each(
        self,
        paths: Iterable[str],
        *,
        metered: Collection[str] = frozenset(),
        progress: Progress | None = None,
    ) -> dict[str, Compiled | ModuleError]:
        """As `compile`, with a ModuleError in place of each module that cannot be compiled."""
        batch = Batch(self, load_index(self.index_file, self.entries.seal), self.entries.names())
        for path in paths:
            batch.add(path, path in metered)
        if batch.jobs:
            if progress is not None:
                progress(0, len(batch.jobs), batch.jobs[0].path)
            await self.compilers.run(batch.jobs, lambda job, answer: batch.done(job, answer, progress))
        if batch.learned:
            save_index(self.index_file, self.entries.seal, batch.index)
        if batch.jobs:
            keep = [each.name for each in batch.results.values() if isinstance(each, Compiled)]
            self.entries.prune(self.size, frozenset(keep))
        return batch.results

    async def load(self, compiled: Compiled, use: Callable[[str], T]) -> T:
        """What `use` makes of a path to the module's native code, which is good for the time of the call.

        The path leads to the very file that was checked (0.5 ms a MiB). An entry that is missing, damaged, or
        refused by wasmtime is compiled again. Raises ModuleError when the module's file has changed
        meanwhile.
        """
        try:
            with self.entries.opened(compiled.name) as file:
                return use(file)
        except BrokenSeal:
            self.entries.remove(compiled.name)
        except (ModuleError, WasmtimeError) as error:
            if not self.worth_rebuilding(compiled, error):
                raise
            self.entries.remove(compiled.name)
        metered = {compiled.source} if compiled.metered else ()
        again = (await self.compile([compiled.source], metered=metered))[compiled.source]
        if again.sha256 != compiled.sha256:
            raise ModuleError(
                f"module '{compiled.source}' has changed since it was configured",
                hint="reload the configuration",
            )
        with self.entries.opened(compiled.name) as file:
            return use(file)

    def worth_rebuilding(self, compiled: Compiled, error: Exception) -> bool:
        """Whether wasmtime refused the code itself, for the first time: some modules are always refused."""
        refused = isinstance(error, WasmtimeError) or isinstance(error.__cause__, WasmtimeError)
        if isinstance(error, LinkError) or not refused or compiled.name in self.rebuilt:
            return False
        self.rebuilt.add(compiled.name)
        return True


class Batch:
    """One call of `compile_each`: sorts modules into known ones and jobs, and collects results."""

    def __init__(self, cache: CompileCache, index: Index, names: Collection[str]) -> None:
        self.folder = cache.entries.folder
        self.index = index
        self.names = names
        self.jobs: list[Job] = []
        self.results: dict[str, Compiled | ModuleError] = {}
        self.finished = 0
        self.learned = False

    def add(self, path: str, metered: bool) -> None:
        """Takes a module in, from the index when it is the same as before."""
        if path in self.results:
            return
        try:
            known = self.look_up(path)
        except ModuleError as error:
            self.results[path] = error
            return
        if known is not None and entry_name(known[0], metered) in self.names:
            self.results[path] = Compiled(path, known[0], metered, known[1], self.folder)
        else:
            self.jobs.append(Job(path, metered))
            self.results[path] = ModuleError(f"module '{path}' was not compiled")

    def look_up(self, path: str) -> tuple[str, ModuleInfo] | None:
        absolute, identity = os.path.abspath(path), identity_or_error(path)
        if absolute not in self.index.readings:
            return None
        return self.index.find(absolute, identity) or self.reread(path, absolute)

    def reread(self, path: str, absolute: str) -> tuple[str, ModuleInfo] | None:
        """The same for a file that may have changed: often it only looks so."""
        source = read_source(path)
        info = self.index.known(source.sha256, absolute)
        if info is None:
            return None
        self.note(absolute, source.identity, source.read_ns, source.sha256, info)
        return source.sha256, info

    def done(self, job: Job, answer: Answer, progress: Progress | None) -> None:
        """Takes a job's answer."""
        if isinstance(answer, Done):
            self.note(os.path.abspath(job.path), answer.identity, answer.read_ns, answer.sha256, answer.info)
            info = self.index.infos[self.index.numbers[answer.info]]
            self.results[job.path] = Compiled(job.path, answer.sha256, job.metered, info, self.folder)
        else:
            self.results[job.path] = ModuleError(answer.message, hint=answer.hint)
        self.finished += 1
        if progress is not None:
            progress(self.finished, len(self.jobs), job.path)

    def note(self, path: str, identity: Identity, read_ns: int, sha256: str, info: ModuleInfo) -> None:
        self.index.note(path, identity, read_ns, sha256, info)
        self.learned = True


def identity_or_error(path: str) -> Identity:
    """The identity of a module's file. Raises ModuleError when there is none."""
    try:
        return identify(path)
    except OSError as error:
        raise ModuleError(
            f"module '{path}' cannot be read: {(error.strerror or str(error)).lower()}"
        ) from error
