"""A save is live within a moment, whatever is saved and however; a mistake leaves the old one serving."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gojinn.build.compile import rebuild
from gojinn.build.languages import language
from gojinn.cli.scaffold import scaffold
from gojinn.testing.app import App, serve
from gojinn.testing.guests import guest
from gojinn.testing.load import load
from gojinn.testing.stopwatch import Stopwatch

pytestmark = pytest.mark.slow

SITE = ":0\nrespond one\n"


async def until(answers: Callable[[], Awaitable[bool]]) -> None:
    """Asks until it is so."""
    async with asyncio.timeout(20):
        while not await answers():
            pass


async def becomes(app: App, body: bytes) -> None:
    """Waits until the site answers this."""

    async def answers() -> bool:
        return body in (await app.get())[1]

    await until(answers)


def save(path: Path, text: str) -> None:
    """Saves as most editors do: beside it, then in its place."""
    new = path.with_name(".new")
    new.write_text(text)
    os.replace(new, path)


async def test_a_saved_caddyfile_is_live_within_a_second() -> None:
    async with serve(SITE, "--watch", workers=2) as app, load(app.url, clients=2) as count:
        await count.more(10)
        text = app.caddyfile.read_text()
        watch = Stopwatch(app.pid, *await app.worker_pids())
        save(app.caddyfile, text.replace("one", "two"))
        done = await app.record("reloaded", trigger="watch")
        assert watch.seconds() < 1
        assert done["generation"] == 2
        await count.more(10)
        assert await app.get() == (200, b"two")
        assert not count.failures


async def test_a_mistake_is_told_and_its_correction_goes_live() -> None:
    async with serve(SITE, "--watch") as app:
        text = app.caddyfile.read_text()
        save(app.caddyfile, text.replace("respond", "respnd"))
        record = await app.record("reload failed", trigger="watch")
        assert "did you mean 'respond'?" in record["error"]
        assert await app.get() == (200, b"one")
        save(app.caddyfile, text.replace("one", "two"))
        await becomes(app, b"two")


async def test_a_mistake_in_a_new_import_is_watched_too() -> None:
    async with serve(SITE, "--watch") as app:
        extra = app.folder / "parts" / "extra"
        extra.parent.mkdir()
        extra.write_text("respnd two")
        save(app.caddyfile, app.caddyfile.read_text().replace("respond one", "import parts/extra"))
        await app.record("reload failed")
        extra.write_text("respond two")
        await becomes(app, b"two")


async def test_an_imported_file_and_a_new_one_beside_it_are_watched(tmp_path: Path) -> None:
    sites = tmp_path / "sites"
    sites.mkdir()
    (sites / "a.caddy").write_text(":0 {\n\trespond one\n}\n")
    async with serve("import sites/*.caddy\n", "--watch", folder=tmp_path) as app:
        (sites / "a.caddy").write_text(":0 {\n\trespond two\n}\n")
        await becomes(app, b"two")
        (sites / "b.caddy").write_text("http://other.test:0 {\n\trespond other\n}\n")

        async def lists_both() -> bool:
            return len((await app.status())["sites"]) == 2

        await until(lists_both)


async def test_a_replaced_module_is_live(tmp_path: Path) -> None:
    module = tmp_path / "f.wasm"
    shutil.copy(guest("hello.c"), module)
    async with serve(":0\ngojinn f.wasm\n", "--watch", folder=tmp_path) as app:
        assert b'"c"' in (await app.get())[1]
        shutil.copy(guest("hello.rs"), module)
        await becomes(app, b'"rust"')


async def test_a_module_that_is_written_bit_by_bit_serves_once_it_is_whole(tmp_path: Path) -> None:
    module = tmp_path / "f.wasm"
    shutil.copy(guest("hello.c"), module)
    data = guest("hello.rs").read_bytes()
    async with serve(":0\ngojinn f.wasm\n", "--watch", folder=tmp_path) as app:
        with module.open("wb") as file:
            for start in range(0, len(data), len(data) // 4):
                file.write(data[start : start + len(data) // 4])
                file.flush()
                assert b'"c"' in (await app.get())[1]
        await becomes(app, b'"rust"')


@pytest.mark.toolchain
async def test_a_saved_source_is_built_and_live(tmp_path: Path) -> None:
    project = tmp_path / "hello"
    scaffold(project, language("c"))
    await rebuild(project)
    async with serve(":0\ngojinn build/hello.wasm\n", "--watch", folder=project) as app:
        source = project / "main.c"
        before = (await app.get())[1]
        assert b"hello" in before
        text = source.read_text()
        save(source, text + "\nthis is no C\n")
        record = await app.record("build failed")
        assert "main.c" in record["output"]
        assert (await app.get())[1] == before
        save(source, text.replace("hello, ", "good day, "))
        await becomes(app, b"good day, ")
