"""Packages that a function in Python names in its `requirements.txt`. pip fetches them."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from gojinn.build.python import fallbacks
from gojinn.build.python import requirements as wanted
from gojinn.build.python.complaints import complaint
from gojinn.locking import locked

PYTHON = "3.13"
"""Of the image: packages are chosen for it, not for the Python that runs here."""
OPTIONS = (
    *("--quiet", "--disable-pip-version-check", "--no-compile", "--no-warn-conflicts", "--no-input"),
    *("--only-binary", ":all:", "--platform", "any", "--python-version", PYTHON),
    *("--implementation", "py", "--abi", "none"),
)
"""Wheels without anything compiled."""


def packages(requirements: Path, scratch: Path) -> Path | None:
    """The folder with what a `requirements.txt` names, got now unless it was there; None without one.

    Raises BuildError with what pip says, and what that means.
    """
    if not requirements.is_file():
        return None
    kept = scratch / "packages"
    mark = hashlib.sha256(f"{PYTHON} {wanted.digest(requirements)}".encode()).hexdigest()
    target = kept / mark[:16]
    with locked(kept):
        if not target.is_dir():
            install(requirements, target)
    return target


def install(requirements: Path, target: Path) -> None:
    """Has pip fill a folder, which is there afterwards or not at all. Raises BuildError."""
    fresh = target.with_name("new")
    shutil.rmtree(fresh, ignore_errors=True)  # of a build that was killed
    fresh.mkdir()
    command = [sys.executable, "-m", "pip", "install", *OPTIONS, "--target", str(fresh)]
    command += ["--requirement", str(requirements)]
    try:
        with tempfile.TemporaryDirectory() as wheels:
            said = asked([*command, "--find-links", wheels], Path(wheels))
        if said is not None:
            raise complaint(requirements.name, said, wanted.indexes(requirements))
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    fresh.rename(target)


def asked(command: list[str], wheels: Path) -> str | None:
    """Runs pip, with another wheel in a folder each time that it misses one; what it says of its failure."""
    for _ in range(len(fallbacks.KNOWN) + 1):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        said = done.stderr.decode(errors="replace").strip()
        missing = fallbacks.wanted(said) if done.returncode else None
        if missing is None or not fallbacks.add(missing, wheels, PYTHON):
            break
    return said if done.returncode else None
