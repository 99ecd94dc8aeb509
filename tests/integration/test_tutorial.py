"""Runs the tutorial: every command on the page, with the output that stands below it."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.pages import Step, steps
from gojinn.testing.terminal import Terminal, tools_made

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
SERVER = "gojinn up --watch"
PATIENCE = 20.0
"""Seconds until a save must be live; a second is usual, but tests share their machine."""
HEADER = "{\n\tadmin 127.0.0.1:0\n}\n"
"""Put in place of the Caddyfile's comment, which has as many lines, so that positions stay."""

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


async def type_step(terminal: Terminal, step: Step, app: App | None = None) -> None:
    """Runs a step; repeats it while a save is on its way to the server."""
    async with asyncio.timeout(PATIENCE):
        while not step.shows(said := await terminal.run(step.command)):
            if app is None or "curl" not in step.command:
                pytest.fail(f"{step.command}\n{said}\ninstead of\n{step.output}")
            await asyncio.sleep(0.05)


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Opens a terminal in an empty folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Terminal(folder, tools_made(tmp_path / "bin"))


async def test_every_command_of_the_tutorial_does_what_it_shows(terminal: Terminal) -> None:
    todo = list(steps(PAGE))
    start = next(index for index, step in enumerate(todo) if step.command == SERVER)
    for step in todo[:start]:
        await type_step(terminal, step)
    lines = (terminal.folder / "Caddyfile").read_text().splitlines(keepends=True)
    caddyfile = HEADER + "".join(lines[3:]).replace(":8080", ":0")
    async with serve(caddyfile, "--watch", folder=terminal.folder) as app:
        terminal.address = app.url.removeprefix("http://")
        for step in todo[start + 1 :]:
            await type_step(terminal, step, app)
