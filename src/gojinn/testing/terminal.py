"""A terminal in which the commands of a page are typed, with `gojinn` on its PATH. Knows no page."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import gojinn

ASSIGNMENT = re.compile(r"\w+=")
SHOWN = "localhost:8080"
"""The address that pages show."""


@dataclass
class Terminal:
    """Where commands are typed: keeps the folder and variables between them."""

    folder: Path
    tools: Path
    """A folder on its PATH, with `gojinn` in it: see `tools_made`."""
    address: str = SHOWN
    """Host and port that stand for SHOWN."""
    env: Mapping[str, str] = field(default_factory=dict)
    assigned: list[str] = field(default_factory=list)
    """The assignments so far."""

    async def run(self, command: str) -> str:
        """Runs a command as a shell does and returns what it printed."""
        if command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
            return ""
        if ASSIGNMENT.match(command):
            self.assigned.append(command)
            return ""
        process = await asyncio.create_subprocess_shell(
            "\n".join([*self.assigned, command.replace(SHOWN, self.address)]),
            cwd=self.folder,
            env={**os.environ, **self.env, "PATH": f"{self.tools}:{os.environ['PATH']}"},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()
        return said.decode()


def tools_made(folder: Path) -> Path:
    """Makes a folder with a command `gojinn` that is this program; returns the folder."""
    folder.mkdir()
    source = Path(gojinn.__file__).parents[1]
    script = folder / "gojinn"
    script.write_text(f'#!/bin/sh\nPYTHONPATH={source} exec {sys.executable} -m gojinn "$@"\n')
    script.chmod(0o755)
    return folder
