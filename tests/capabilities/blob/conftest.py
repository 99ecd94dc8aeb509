"""Servers of S3's protocol, started when a test first asks, and the stores that one suite runs on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from uuid import uuid4

import pytest

from gojinn.capabilities.blob.local import LocalStore
from gojinn.capabilities.blob.s3 import Bucket, BucketStore
from gojinn.capabilities.blob.store import Store
from gojinn.testing.objects import ObjectServer, moto, rclone


@pytest.fixture(scope="session")
def moto_server() -> Iterator[ObjectServer]:
    with moto() as server:
        yield server


@pytest.fixture(scope="session")
def rclone_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectServer]:
    with rclone(tmp_path_factory.mktemp("rclone")) as server:
        yield server


@pytest.fixture(params=["local", "moto", "rclone"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store of each kind."""
    async with AsyncExitStack() as stack:
        if request.param == "local":
            yield LocalStore(tmp_path / "default", stack.enter_context(ThreadPoolExecutor(2)))
        else:
            server: ObjectServer = request.getfixturevalue(f"{request.param}_server")
            yield BucketStore(Bucket(server.config()), f"{uuid4().hex}/")
