"""A NATS of its own and a folder with modules for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.fabric.connection import Fabric
from gojinn.testing import fabric as kit
from gojinn.testing.guests import guest, printing
from gojinn.testing.jobs import Bench, consuming
from gojinn.triggers.queue.slots import Seat, Slots


class Consuming(Protocol):
    """Opens a consumer for the lines of a site."""

    def __call__(
        self, lines: str, *, seat: Seat | None = None, slots: Slots | None = None
    ) -> AbstractAsyncContextManager[Bench]: ...


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: modules are compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def fabric() -> AsyncIterator[Fabric]:
    """A connection to an embedded server that is there for this test only."""
    async with kit.fabric() as connection:
        yield connection


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with modules: `ok` answers, `envelope` shows what it got, `fail` logs and exits, `angry`
    answers 500, `silent` writes nothing, `sleepy` takes its time, `loop` never ends."""
    (tmp_path / "ok.wasm").write_bytes(printing(b'{"status":200,"headers":{},"body":"fine"}'))
    (tmp_path / "fail.wasm").write_bytes(printing(b"", stderr=b"it went wrong\n", exit_code=3))
    (tmp_path / "angry.wasm").write_bytes(printing(b'{"status":500,"headers":{},"body":"no"}'))
    names = {"envelope": "envelope", "silent": "empty", "sleepy": "sleepy", "loop": "endless_loop"}
    for name, source in names.items():
        (tmp_path / f"{name}.wasm").symlink_to(guest(source))
    return tmp_path


@pytest.fixture
def consume(fabric: Fabric, cache: CompileCache, folder: Path) -> Consuming:
    """`async with consume("queue q ok.wasm") as bench`."""
    return partial(consuming, fabric, cache, folder=folder)
