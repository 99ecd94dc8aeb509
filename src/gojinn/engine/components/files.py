"""A component's mounts: the folders of an invocation, the threads in which its file calls run, its quotas and
denials, and that all of it is closed. The calls themselves are `filesystem`'s.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final, ParamSpec, TypeVar

from gojinn.engine.components.beneath import confined, local
from gojinn.engine.components.descriptors import Descriptor, folder
from gojinn.engine.components.held import Books, Held
from gojinn.engine.denials import METHODS
from gojinn.engine.limits import ProgramSpec
from gojinn.engine.mounts import check_mounts, folder_of
from gojinn.engine.outcome import End, Outcome
from gojinn.engine.quota import Ration, Usages
from gojinn.errors import ConfigError, Unavailable

P = ParamSpec("P")
T = TypeVar("T")

THREADS: Final = 8
"""File calls of one function that run at once. A folder on a disk that hangs holds up nobody else's."""


class ComponentFiles:
    """`sandbox.Files` for a component. Raises ConfigError for a mount that cannot be served."""

    def __init__(self, spec: ProgramSpec) -> None:
        check_mounts(spec.mounts)
        if not confined():
            raise ConfigError(
                "mounts of components need the system call 'openat2' (Linux 5.8), which is not there",
                hint="allow it, or build the function as a module for WASI preview 1",
            )
        self.mounts = spec.mounts
        self.usages = Usages()
        self.threads = ThreadPoolExecutor(THREADS, thread_name_prefix="gojinn-mounts")
        self.sessions = 0
        self.closed = False

    def open(self, stdin: bytes, context: Any) -> ComponentSession:
        self.sessions += 1
        return ComponentSession(self, context)

    def close(self) -> None:
        self.closed = True
        self.rest()

    def rest(self) -> None:
        """Ends the threads after the last session."""
        if self.closed and not self.sessions:
            self.threads.shutdown(wait=False)


class ComponentSession:
    """`sandbox.FileSession`: one invocation's files."""

    def __init__(self, files: ComponentFiles, context: Any) -> None:
        self.files = files
        self.context = context
        self.books = Books()
        self.folders: list[tuple[Held, bool]] = []
        """Of its mounts, in their order, once they were asked for, and whether they are `local`."""
        self.rations: list[Ration] = []
        self.wrote = self.over = False
        """Whether it has changed anything, and more than a quota allows."""
        self.denied = 0
        self.busy: Future[Any] | None = None

    def config(self) -> int:
        """There is none: wasmtime's own WASI serves no components."""
        return 0

    def begin(self) -> None:
        """Nothing: no file is touched in a slice."""

    def passed(self) -> End | None:
        return End.QUOTA if self.over else None

    async def complete(self, outcome: Outcome) -> Outcome:
        outcome.denied = self.denied
        if self.wrote and self.rations and outcome.end is not End.TIMEOUT:
            await self.run(self.measure, certainly=True)
        if self.over:
            outcome.end, outcome.exit_code, outcome.trap, outcome.answer = End.QUOTA, 0, "", None
        return outcome

    def close(self) -> None:
        """Has everything closed, in a thread: that may wait for the disk. A call that still runs there ends
        first."""
        busy, books = self.busy, self.books
        if busy is not None and not busy.done():
            busy.add_done_callback(lambda _: books.close())
        elif books.held or books.closing:
            self.files.threads.submit(books.close)
        self.files.sessions -= 1
        self.files.rest()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Does what may wait for the disk, in a thread. Raises what that does."""
        self.busy = busy = self.files.threads.submit(self.perform, work, *args, **kwargs)
        return await asyncio.wrap_future(busy)

    def perform(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """One piece of work, and what has to be done around it."""
        self.books.close_left()
        try:
            return work(*args, **kwargs)
        finally:
            if self.books.changed:
                self.books.changed, self.wrote = False, True
                self.measure()

    def measure(self, *, certainly: bool = False) -> None:
        """Finds out whether a quota was passed."""
        self.over = self.over or any(ration.passed(certainly=certainly) for ration in self.rations)

    def note(self, method: str) -> None:
        """Notes that the mounts did not allow a call."""
        if method in METHODS:
            self.denied = (self.denied | 1 << METHODS.index(method)) + (1 << len(METHODS))

    async def preopens(self) -> list[tuple[Descriptor, str]]:
        """Its mounts with their names. Raises Unavailable when one is gone."""
        if not self.folders:
            await self.run(self.open_folders)
        return [
            (folder(held.used(), read_only=mount.read_only, local=near), mount.guest)
            for (held, near), mount in zip(self.folders, self.files.mounts, strict=True)
        ]

    def open_folders(self) -> None:
        for mount in self.files.mounts:
            path = folder_of(mount, self.context)
            held = Held(open_folder(path), self.books)
            self.folders.append((held, local(held.fd)))
            if mount.quota is not None:
                self.rations.append(Ration(self.files.usages.of(path), mount.quota, mount.guest))


def open_folder(path: str) -> int:
    """Opens a mounted folder. Raises Unavailable."""
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise Unavailable(
            f"the function's mount '{path}' cannot be opened", hint="look at the folder on the server"
        ) from error
