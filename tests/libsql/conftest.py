"""Real clients of libSQL, installed as they are."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from gojinn.locking import locked

CLIENTS = Path(__file__).parent / "clients"
PREFIX = Path(sys.prefix) / "node"
"""Where the packages go: beside Python's, outside of the sources."""
INSTALL_TIMEOUT = 300
CASES_TIMEOUT = 100

Outcomes = dict[str, str | None]
RunCases = Callable[..., Awaitable[Outcomes]]


def npm_install() -> None:
    """Installs the packages of npm, once for all who ask at the same time."""
    wanted = (CLIENTS / "package.json").read_text()
    with locked(PREFIX):
        done = PREFIX / "installed"
        if done.exists() and done.read_text() == wanted:
            return
        (PREFIX / "package.json").write_text(wanted)
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        subprocess.run(command, cwd=PREFIX, check=True, timeout=INSTALL_TIMEOUT)
        done.write_text(wanted)


@pytest.fixture(scope="session")
def node_modules() -> Path:
    """The clients for Node."""
    if shutil.which("npm") is None:
        if os.environ.get("CI"):
            pytest.fail("npm is not installed, and these tests are not to be left out here")
        pytest.skip("npm is not installed")
    npm_install()
    return PREFIX / "node_modules"


@pytest.fixture
def run_cases(tmp_path: Path, request: pytest.FixtureRequest) -> RunCases:
    """`await run_cases("client.mjs", …arguments)`: those of the script's cases that failed, with why."""

    async def run(script: str, *arguments: str) -> Outcomes:
        folder = tmp_path / "clients"
        if not folder.exists():
            shutil.copytree(CLIENTS, folder)
        program = sys.executable
        if script.endswith(".mjs"):
            program = "node"
            modules = folder / "node_modules"
            if not modules.exists():
                modules.symlink_to(request.getfixturevalue("node_modules"))
        output = await output_of(program, script, *arguments, folder=folder)
        outcomes: Outcomes = json.loads(output)
        assert len(outcomes) > 5
        return {name: error for name, error in outcomes.items() if error is not None}

    return run


async def output_of(program: str, *arguments: str, folder: Path) -> bytes:
    """Runs a program to its end."""
    process = await asyncio.create_subprocess_exec(
        program, *arguments, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(CASES_TIMEOUT):
            output, _ = await process.communicate()
            return output
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
