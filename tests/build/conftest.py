"""Packages of npm that tests of several languages' builds share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import pytest

from gojinn.build.js import esbuild


@pytest.fixture(scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory, missing: Callable[[str], NoReturn]) -> Path:
    """A folder with esbuild and tsc as npm installs them."""
    if shutil.which("npm") is None:
        missing("npm")
    folder = tmp_path_factory.mktemp("packages")
    wanted = [f"esbuild@{esbuild.VERSION}", "typescript@5", "nanoid@5"]
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *wanted]
    subprocess.run(npm, check=True)
    return folder
