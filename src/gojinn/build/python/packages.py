"""Packages that a function in Python names in its `requirements.txt`. pip fetches them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from gojinn.errors import BuildError

PYTHON = "3.13"
"""Of the image: packages are chosen for it, not for the Python that runs here."""
OPTIONS = (
    *("--quiet", "--disable-pip-version-check", "--no-compile", "--no-warn-conflicts"),
    *("--only-binary", ":all:", "--platform", "any", "--python-version", PYTHON),
    *("--implementation", "py", "--abi", "none"),
)
"""Wheels without anything compiled."""


def packages(requirements: Path, scratch: Path) -> Path | None:
    """The folder with what a `requirements.txt` names, got now unless it was there; None without one.

    Raises BuildError with what pip says.
    """
    if not requirements.is_file():
        return None
    text = requirements.read_bytes()
    target = scratch / "packages" / hashlib.sha256(PYTHON.encode() + text).hexdigest()[:16]
    if target.is_dir():
        return target
    fresh = target.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    command = [sys.executable, "-m", "pip", "install", *OPTIONS, "--target", str(fresh)]
    done = subprocess.run(
        [*command, "--requirement", str(requirements)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        shutil.rmtree(fresh, ignore_errors=True)
        hint = "take packages in pure Python: a sandbox cannot load what is compiled for a machine"
        raise BuildError(f"{requirements.name}: pip cannot get it\n{done.stderr.strip()}", hint=hint)
    fresh.rename(target)
    return target
