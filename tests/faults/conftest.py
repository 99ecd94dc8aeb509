"""A folder for the program, a ledger in memory, and a port for NATS."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import mkdtemp

import pytest

from gojinn.testing.faults import Site


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    memory = Path("/dev/shm")
    ledger = Path(mkdtemp(prefix="gojinn-ledger-", dir=memory if memory.is_dir() else None))
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    yield Site(tmp_path, ledger, port)
    shutil.rmtree(ledger)
