"""Runs the tutorial: every command on the page, with the output that stands below it."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import pytest

import gojinn
from gojinn.testing.app import App, serve

PAGE = Path(__file__).parents[2] / "docs" / "tutorial.md"
SERVER = "gojinn up --watch"
ADDRESS = "localhost:8080"
PATIENCE = 20.0
"""Seconds until a save must be live; a second is usual, but tests share their machine."""
HEADER = "{\n\tadmin 127.0.0.1:0\n}\n"
"""Put in place of the Caddyfile's comment, which has as many lines, so that positions stay."""

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]


class Step(NamedTuple):
    """A command with the output that the page shows; `…` stands for anything in it."""

    command: str
    output: str

    def shows(self, text: str) -> bool:
        """Tells whether this is what the page shows."""
        pattern = ".*".join(re.escape(part) for part in self.output.split("…"))
        return re.fullmatch(pattern, text.strip(), re.DOTALL) is not None


def steps() -> Iterator[Step]:
    """Reads the page's console blocks."""
    for block in re.findall(r"```console\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output.strip())


@dataclass
class Terminal:
    """Where the commands are typed: keeps the folder between them."""

    folder: Path
    tools: Path
    app: App | None = None

    async def type(self, step: Step) -> None:
        """Runs a step; repeats it while a save is on its way to the server."""
        async with asyncio.timeout(PATIENCE):
            while not step.shows(said := await self.run(step.command)):
                if self.app is None or "curl" not in step.command:
                    pytest.fail(f"{step.command}\n{said}\ninstead of\n{step.output}")
                await asyncio.sleep(0.05)

    async def run(self, command: str) -> str:
        """Runs a command as a shell does and returns what it printed."""
        if command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
            return ""
        if self.app is not None:
            command = command.replace(ADDRESS, self.app.url.removeprefix("http://"))
        process = await asyncio.create_subprocess_shell(
            command,
            cwd=self.folder,
            env={**os.environ, "PATH": f"{self.tools}:{os.environ['PATH']}"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return said.decode()


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    """Opens a terminal that has `gojinn` on its PATH."""
    tools, folder = tmp_path / "bin", tmp_path / "work"
    tools.mkdir()
    folder.mkdir()
    source = Path(gojinn.__file__).parents[1]
    script = tools / "gojinn"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={source} exec {sys.executable} -m gojinn "$@"\n')
    script.chmod(0o755)
    return Terminal(folder, tools)


async def test_every_command_of_the_tutorial_does_what_it_shows(terminal: Terminal) -> None:
    todo = list(steps())
    start = next(index for index, step in enumerate(todo) if step.command == SERVER)
    for step in todo[:start]:
        await terminal.type(step)
    lines = (terminal.folder / "Caddyfile").read_text().splitlines(keepends=True)
    caddyfile = HEADER + "".join(lines[3:]).replace(":8080", ":0")
    async with serve(caddyfile, "--watch", folder=terminal.folder) as app:
        terminal.app = app
        for step in todo[start + 1 :]:
            await terminal.type(step)
