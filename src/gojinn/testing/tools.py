"""Compilers that are npm packages, installed where users have them. Which ones there are, `build` knows."""

from __future__ import annotations

import shutil
import subprocess

from gojinn.build import assemblyscript, npm
from gojinn.build.js import esbuild
from gojinn.locking import locked

TIMEOUT = 300
"""Seconds that npm may take."""

PACKAGES = {"assemblyscript": assemblyscript.VERSION, "esbuild": esbuild.VERSION}


def install_packages() -> None:
    """Sees that all of them are there, unless npm is not; once for all who ask at the same time."""
    place = npm.tools()
    with locked(place):
        missing = {name for name in PACKAGES if not (place / "node_modules" / name / "package.json").exists()}
        if shutil.which("npm") is None or not missing:
            return
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place)]
        packages = [f"{name}@{version}" for name, version in PACKAGES.items()]
        subprocess.run([*command, *packages], check=True, timeout=TIMEOUT)
