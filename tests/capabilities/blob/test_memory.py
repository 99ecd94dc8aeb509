"""A large object goes through a worker in pieces, at little memory. GOJINN_OBJECT_MB makes it larger."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from gojinn.capabilities.blob.requests import LARGEST_PIECE
from gojinn.capabilities.blob.store import Facts, Store

pytestmark = pytest.mark.slow

GIVEN = os.environ.get("GOJINN_OBJECT_MB")
SIZES = {"local": 256, "rclone": 256, "moto": 96}
"""Megabytes; moto is slow."""
MOST = 64 << 20


def peak() -> int:
    """Bytes that were resident at most since that was last forgotten."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def forget_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def pieces(count: int) -> Iterator[bytes]:
    base = os.urandom(LARGEST_PIECE - 4)
    for number in range(count):
        yield number.to_bytes(4, "big") + base


async def test_an_object_of_any_size_is_streamed(store: Store, request: pytest.FixtureRequest) -> None:
    kind = next(kind for kind in SIZES if kind in request.node.name)
    count = (int(GIVEN or SIZES[kind]) << 20) // LARGEST_PIECE
    forget_peak()
    before = peak()
    wrote, read = hashlib.sha256(), hashlib.sha256()
    upload = store.upload("large", Facts())
    for piece in pieces(count):
        wrote.update(piece)
        await upload.write(piece)
    await upload.finish()
    assert (await store.head("large")).size == count * LARGEST_PIECE
    if kind != "rclone":  # it answers ranges so that all before them has to be read
        for number in range(count):
            read.update((await store.get("large", number * LARGEST_PIECE, LARGEST_PIECE)).body)
        assert read.digest() == wrote.digest()
    assert peak() - before < MOST
    await store.delete("large")
