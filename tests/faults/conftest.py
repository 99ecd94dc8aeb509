"""A folder for the program, a ledger in memory, a port for NATS, and a disk that is soon full."""

from __future__ import annotations

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import mkdtemp
from typing import NoReturn

import pytest

from gojinn.testing.disk import can_mount, mounted
from gojinn.testing.faults import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    memory = Path("/dev/shm")
    ledger = Path(mkdtemp(prefix="gojinn-ledger-", dir=memory if memory.is_dir() else None))
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    yield Site(tmp_path, ledger, port)
    shutil.rmtree(ledger)


@pytest.fixture
def loop_devices(missing: Callable[[str], NoReturn]) -> None:
    """Asks for leave to mount images of disks. Only root has it, so only root's CI has to."""
    if not can_mount():
        reason = "a loop device cannot be mounted"
        if os.geteuid():
            pytest.skip(reason)
        missing(reason)


@pytest.fixture
def small_disk(tmp_path: Path, loop_devices: None) -> Iterator[Path]:
    """A file system of 48 MiB."""
    with mounted(tmp_path / "disk.img", tmp_path / "disk", 48 << 20) as folder:
        yield folder
