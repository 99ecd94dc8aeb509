"""Compilers that are npm packages, installed where users have them. Which ones there are, `build` knows."""

from __future__ import annotations

import fcntl
import shutil
import subprocess

from gojinn.build import assemblyscript

TIMEOUT = 300
"""Seconds that npm may take."""


def install_assemblyscript() -> None:
    """Sees that its compiler is there, unless npm is not; once for all who ask at the same time."""
    place = assemblyscript.tools()
    place.mkdir(parents=True, exist_ok=True)
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if shutil.which("npm") is None or (place / assemblyscript.PACKAGE / "package.json").exists():
            return
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(place)]
        package = f"assemblyscript@{assemblyscript.VERSION}"
        subprocess.run([*command, package], check=True, timeout=TIMEOUT)
