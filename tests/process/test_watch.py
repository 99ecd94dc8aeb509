import asyncio
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gojinn.errors import BuildError
from gojinn.process.options import Rebuild
from gojinn.process.watch import Watched, Watcher, project_of

WAIT = 10
"""Seconds; a change is noticed within a fraction of one."""


class Calls:
    """What the watcher called."""

    def __init__(self) -> None:
        self.seen: asyncio.Queue[str] = asyncio.Queue()

    async def reload(self) -> None:
        self.seen.put_nowait("reload")

    async def rebuild(self, folder: Path) -> None:
        self.seen.put_nowait(f"rebuild {folder.name}")

    async def next(self) -> str:
        return await asyncio.wait_for(self.seen.get(), WAIT)


@asynccontextmanager
async def watching(calls: Calls, watched: Watched, rebuild: Rebuild | None = None) -> AsyncIterator[Watcher]:
    watcher = Watcher(calls.reload, rebuild or calls.rebuild)
    watcher.follow(watched, time.time() + 60)
    async with running(watcher):
        yield watcher


@asynccontextmanager
async def running(watcher: Watcher) -> AsyncIterator[None]:
    task = asyncio.create_task(watcher.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def files(*paths: Path) -> Watched:
    return Watched(files=frozenset(paths))


def rewrite(path: Path) -> None:
    path.write_text("changed")


def rename_over(path: Path) -> None:
    """As most editors save."""
    new = path.with_name(".swap")
    new.write_text("changed")
    os.replace(new, path)


def move_away_and_write(path: Path) -> None:
    """As editors save that keep a backup."""
    path.rename(path.with_suffix(".bak"))
    path.write_text("changed")


@pytest.mark.parametrize("save", [rewrite, rename_over, move_away_and_write, Path.unlink])
async def test_a_save_of_any_kind_reloads(tmp_path: Path, save: Callable[[Path], None]) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text("before")
    calls = Calls()
    async with watching(calls, files(path)):
        save(path)
        assert await calls.next() == "reload"


async def test_every_later_save_reloads_again(tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text("before")
    calls = Calls()
    async with watching(calls, files(path)):
        for turn in range(3):
            rename_over(path) if turn % 2 else path.write_text(f"turn {turn}")
            assert await calls.next() == "reload"


async def test_a_file_that_is_missing_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "hello.wasm"
    calls = Calls()
    async with watching(calls, files(path)):
        path.write_bytes(b"\0asm")
        assert await calls.next() == "reload"


async def test_other_files_in_the_folder_do_not_matter(tmp_path: Path) -> None:
    path, log = tmp_path / "Caddyfile", tmp_path / "access.log"
    path.write_text("before")
    calls = Calls()
    async with watching(calls, files(path)):
        log.write_text("line")
        rewrite(path)
        assert await calls.next() == "reload"
        assert calls.seen.empty()


async def test_a_touch_without_a_change_of_time_does_not_matter(tmp_path: Path) -> None:
    path, other = tmp_path / "Caddyfile", tmp_path / "other"
    path.write_text("before")
    other.write_text("before")
    calls = Calls()
    async with watching(calls, files(path, other)):
        path.chmod(0o600)
        rewrite(other)
        assert await calls.next() == "reload"
        assert calls.seen.empty()


async def test_the_target_of_a_symbolic_link_is_watched(tmp_path: Path) -> None:
    target = tmp_path / "real" / "cert.pem"
    target.parent.mkdir()
    target.write_text("before")
    link = tmp_path / "live" / "cert.pem"
    link.parent.mkdir()
    link.symlink_to(target)
    calls = Calls()
    async with watching(calls, files(link)):
        rewrite(target)
        assert await calls.next() == "reload"


async def test_a_new_file_in_a_listed_folder_reloads(tmp_path: Path) -> None:
    calls = Calls()
    async with watching(calls, Watched(listed=frozenset([tmp_path]))):
        (tmp_path / "new.caddy").write_text(":0")
        assert await calls.next() == "reload"


async def test_what_is_followed_later_is_watched(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "one", tmp_path / "b" / "two"
    for path in (first, second):
        path.parent.mkdir()
        path.write_text("before")
    calls = Calls()
    async with watching(calls, files(first)) as watcher:
        watcher.follow(files(first, second), time.time() + 60)
        rewrite(second)
        assert await calls.next() == "reload"
        rewrite(first)
        assert await calls.next() == "reload"


async def test_a_change_before_watching_begins_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    path.write_text("before")
    calls = Calls()
    async with watching(calls, files(path)):
        # The watcher's task has not had its first turn yet.
        path.write_text("changed between")
        assert await calls.next() == "reload"


async def test_a_change_since_it_was_read_is_not_lost(tmp_path: Path) -> None:
    path = tmp_path / "Caddyfile"
    read_at = time.time() - 60
    path.write_text("saved after that")
    calls = Calls()
    watcher = Watcher(calls.reload, None)
    watcher.follow(files(path), read_at)
    async with running(watcher):
        assert await calls.next() == "reload"


async def test_a_source_that_changed_since_the_module_was_read_is_built(tmp_path: Path) -> None:
    read_at = time.time() - 60
    (tmp_path / "main.c").write_text("saved after that")
    calls = Calls()
    watcher = Watcher(calls.reload, calls.rebuild)
    watcher.follow(Watched(projects=frozenset([tmp_path])), read_at)
    async with running(watcher):
        assert await calls.next() == f"rebuild {tmp_path.name}"


async def test_a_source_is_built_before_the_reload(tmp_path: Path) -> None:
    project = tmp_path / "hello"
    (project / "lib").mkdir(parents=True)
    module = project / "hello.wasm"
    module.write_bytes(b"old")
    calls = Calls()

    async def rebuild(folder: Path) -> None:
        await calls.rebuild(folder)
        module.write_bytes(b"newer")

    watched = Watched(files=frozenset([module]), projects=frozenset([project]))
    async with watching(calls, watched, rebuild):
        (project / "lib" / "deep.c").write_text("int x;")
        assert [await calls.next(), await calls.next()] == ["rebuild hello", "reload"]


async def test_a_build_that_changes_nothing_does_not_reload(tmp_path: Path) -> None:
    project, path = tmp_path / "hello", tmp_path / "Caddyfile"
    project.mkdir()
    path.write_text("before")
    calls = Calls()
    async with watching(calls, Watched(files=frozenset([path]), projects=frozenset([project]))):
        (project / "main.c").write_text("// a comment")
        assert await calls.next() == "rebuild hello"
        rewrite(path)
        assert await calls.next() == "reload"
        assert calls.seen.empty()


async def test_a_failed_build_is_survived(tmp_path: Path) -> None:
    project, path = tmp_path / "hello", tmp_path / "Caddyfile"
    project.mkdir()
    path.write_text("before")
    calls = Calls()

    async def rebuild(folder: Path) -> None:
        await calls.rebuild(folder)
        raise BuildError("building 'hello': the compiler failed", output="main.c:1: error")

    watched = Watched(files=frozenset([path]), projects=frozenset([project]))
    async with watching(calls, watched, rebuild):
        (project / "main.c").write_text("int")
        assert await calls.next() == "rebuild hello"
        rewrite(path)
        assert await calls.next() == "reload"


def test_the_project_of_a_module_is_the_nearest_manifest_above(tmp_path: Path) -> None:
    inner = tmp_path / "functions" / "hello"
    (inner / "out").mkdir(parents=True)
    (inner / "gojinn.toml").touch()
    (tmp_path / "gojinn.toml").touch()
    assert project_of(inner / "out" / "hello.wasm") == inner
    assert project_of(tmp_path / "functions" / "other.wasm") == tmp_path
