"""Reloads when a file changes that the configuration was made from. What a reload is, is `reload`'s.

The kernel's notices only wake this up; whether something has really changed is told by the files' stamps. So
a save in many steps, an atomic rename or a notice that came while a reload was running all end well.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from watchfiles import Change, awatch

from gojinn.build.project import MANIFEST
from gojinn.errors import ConfigError, ConfigErrors, GojinnError
from gojinn.observe.log import get
from gojinn.process.options import Rebuild
from gojinn.process.release import Release
from gojinn.process.reload import Reloader
from gojinn.process.stamps import State, listing, sources, stamp, unless_later

QUIET = 0.05
"""Seconds without a change after which a save counts as complete."""
RESTLESS = 1.0
"""Seconds after which a file that keeps changing is read as it is."""
GATHER_MS, STEP_MS = 200, 20
"""How the notices of one save are gathered, in milliseconds."""
RETRY = 5.0
"""Seconds before watching is tried again after it has failed."""

log = get("gojinn.watch")


@dataclass(frozen=True)
class Watched:
    """What a configuration depends on."""

    files: frozenset[Path] = frozenset()
    """The Caddyfile and its imports, modules, certificates."""
    listed: frozenset[Path] = frozenset()
    """Folders in which a new file matters too: those that something was imported from."""
    projects: frozenset[Path] = frozenset()
    """Folders of functions that are built from sources."""

    @cached_property
    def targets(self) -> frozenset[Path]:
        """The files that symbolic links among them lead to."""
        return frozenset(path.resolve() for path in self.files)

    def beside(self, files: frozenset[Path]) -> Watched:
        """Returns the same with more files."""
        return replace(self, files=self.files | files)

    def stamps(self) -> dict[Path, State]:
        """Looks at every file and listed folder; None stands for what is not there."""
        found: dict[Path, State] = {path: stamp(path) for path in self.files}
        return found | {folder: listing(folder) for folder in self.listed}


def project_of(module: Path) -> Path | None:
    """Finds the folder whose build writes this module: the nearest above it with a manifest."""
    return next((folder for folder in module.parents if (folder / MANIFEST).is_file()), None)


def watched_by(release: Release) -> Watched:
    """Lists what a release was made from."""
    main, *imported = (Path(name).absolute() for name in release.config.files)
    modules = [Path(path) for path, _ in release.modules.compiled]
    return Watched(
        files=frozenset([main, *imported, *modules, *map(Path, release.certificates)]),
        listed=frozenset(path.parent for path in imported) - {main.parent},
        projects=frozenset(folder for module in modules if (folder := project_of(module)) is not None),
    )


async def watch(reloader: Reloader, rebuild: Rebuild | None) -> None:
    """Reloads whenever something changes, until it is cancelled."""

    async def reload() -> None:
        begun = time.time()
        try:
            await reloader.reload("watch")
        except ConfigError as error:
            # The mistake may be in a file that nothing that serves was made from.
            watcher.follow(watched_by(reloader.release).beside(files_of(error)), begun)
        except GojinnError:
            pass  # it is in the log

    watcher = Watcher(reload, rebuild)

    def follow(release: Release) -> None:
        watcher.follow(watched_by(release), release.loaded)

    reloader.followers.append(follow)
    follow(reloader.release)
    await watcher.run()


def files_of(error: ConfigError) -> frozenset[Path]:
    """Lists the files that an error is about."""
    errors = error.errors if isinstance(error, ConfigErrors) else (error,)
    places = [place for each in errors if each.place for place in (each.place, *each.place.via)]
    return frozenset(Path(place.file).absolute() for place in places)


class Watcher:
    """Watches what was last given to `follow`, and calls `reload` (and `rebuild` before) on changes."""

    def __init__(self, reload: Callable[[], Awaitable[None]], rebuild: Rebuild | None) -> None:
        self.reload = reload
        self.rebuild = rebuild
        self.watched = Watched()
        self.seen = self.watched.stamps()
        self.built: dict[Path, dict[str, State]] = {}
        """The sources of each project as they were last looked at."""
        self.stale: set[Path] = set()
        """Projects that may have changed sources."""
        self.touched = asyncio.Event()
        self.moved = asyncio.Event()
        """Set when the folders to watch are others; the next one is a new event."""

    def follow(self, watched: Watched, since: float) -> None:
        """Watches these instead. What was watched before and has changed counts, and so does what is new here
        and has changed `since` then, in seconds since 1970."""
        if watched == self.watched:
            return
        self.watched = watched
        fresh = unless_later(watched.stamps(), since)
        self.seen = fresh | {path: seen for path, seen in self.seen.items() if path in fresh}
        self.built = {
            folder: self.built.get(folder) or unless_later(sources(folder), since)
            for folder in watched.projects
        }
        self.moved.set()
        self.moved = asyncio.Event()

    async def run(self) -> None:
        """Watches until it is cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.notice(self.flat_folders, self.matters, recursive=False))
            group.create_task(self.notice(self.project_folders, self.is_source, recursive=True))
            while True:
                await self.touched.wait()
                self.touched.clear()
                await self.act()

    async def act(self) -> None:
        """Rebuilds what has changed sources, and reloads if a file is then another."""
        await self.settle()
        stale, self.stale = self.stale & self.watched.projects, set()
        for folder in sorted(stale):
            await self.build(folder)
        now = self.watched.stamps()
        if now != self.seen:
            self.seen = now
            await self.reload()

    async def settle(self) -> None:
        """Waits until a save is complete: nothing changes for a moment."""
        latest = time.monotonic() + RESTLESS
        before = None
        while (now := self.state()) != before and time.monotonic() < latest:
            before = now
            await asyncio.sleep(QUIET)

    def state(self) -> object:
        """Takes in everything that a save may be about."""
        return self.watched.stamps(), [sources(folder) for folder in self.stale & self.watched.projects]

    async def build(self, folder: Path) -> None:
        """Builds one function. One that does not build leaves its module as it was, so that serves on."""
        now = sources(folder)
        if self.rebuild is None or now == self.built.get(folder):
            return
        self.built[folder] = now
        try:
            await self.rebuild(folder)
        except GojinnError as error:
            said = {"output": output} if (output := getattr(error, "output", "")) else {}
            log.error("build failed", folder=str(folder), error=str(error), **said)

    async def notice(
        self, folders: Callable[[], set[Path]], wanted: Callable[[Change, str], bool], *, recursive: bool
    ) -> None:
        """Waits for notices from the kernel, anew whenever the folders are others."""
        while True:
            moved = self.moved
            there = [folder for folder in folders() if folder.is_dir()]
            if not there:
                await moved.wait()
                continue
            notices = awatch(
                *there,
                watch_filter=wanted,
                recursive=recursive,
                stop_event=moved,
                debounce=GATHER_MS,
                step=STEP_MS,
                ignore_permission_denied=True,
            )
            # What changed while nothing watched is found by its stamp.
            self.stale |= self.watched.projects
            self.touched.set()
            try:
                async for _ in notices:
                    self.touched.set()
            except OSError as error:
                # The kernel's limit of watches, or a folder that went away just now.
                log.error("cannot watch", error=str(error), next_in=RETRY)
                await asyncio.sleep(RETRY)

    def flat_folders(self) -> set[Path]:
        """Returns the folders of all files, also of those that a symbolic link leads to."""
        files = {path.parent for path in self.watched.files}
        return files | {path.resolve().parent for path in self.watched.files} | self.watched.listed

    def project_folders(self) -> set[Path]:
        """Returns the folders whose sources are watched."""
        return set(self.watched.projects)

    def matters(self, change: Change, name: str) -> bool:
        """Tells whether a notice is about something watched, and not about a log beside the Caddyfile."""
        path = Path(name)
        watched = self.watched
        return path in watched.files or path.parent in watched.listed or path in watched.targets

    def is_source(self, change: Change, name: str) -> bool:
        """Tells whether a notice is about a source, which it also notes; a build's own output is none."""
        path = Path(name)
        folder = next((above for above in path.parents if above in self.watched.projects), None)
        if folder is None or path.suffix == ".wasm":
            return False
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            return False
        self.stale.add(folder)
        return True
