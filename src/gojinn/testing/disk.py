"""A file system whose power can be cut, or which is full: ext4 in an image file, of which a copy is taken.

What was not synced is not in the image. Needs root: it mounts a loop device.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SIZE = 512 << 20
"""Bytes of an image; it is sparse."""


@contextmanager
def mounted(image: Path, folder: Path, size: int = SIZE) -> Iterator[Path]:
    """Mounts an image, which is made with so many bytes when it is not there.

    Its journal is replayed, as after a power cut.
    """
    if not image.exists():
        with image.open("wb") as file:
            file.truncate(size)
        run("mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0", str(image))
    folder.mkdir(exist_ok=True)
    # Nothing is written back for age alone within a test: what is in the image was synced.
    run("mount", "-o", "loop,commit=300", str(image), str(folder))
    try:
        yield folder
    finally:
        run("umount", "--lazy", str(folder))


def cut(image: Path, copy: Path) -> None:
    """Copies what the image holds at this moment."""
    run("cp", "--sparse=always", str(image), str(copy))


def fill(ballast: Path) -> None:
    """Writes a file until nothing more goes onto its file system; deleting it makes room."""
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1 << 9, 1):
            with suppress(OSError):
                while True:
                    file.write(bytes(size))


def run(*command: str) -> None:
    """Runs a command of the system."""
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)


def can_mount() -> bool:
    """Whether this process may mount loop devices."""
    return os.geteuid() == 0 and Path("/dev/loop-control").exists() and shutil.which("mkfs.ext4") is not None
