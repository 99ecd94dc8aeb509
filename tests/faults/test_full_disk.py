"""A disk that is full refuses what is new, keeps what it has, and goes on when there is room again."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gojinn.engine.cache import CompileCache
from gojinn.errors import GojinnError
from gojinn.fabric.connection import Fabric
from gojinn.fabric.jobs.job import State
from gojinn.fabric.jobs.store import Jobs
from gojinn.testing import fabric as kit
from gojinn.testing.disk import can_mount, mounted
from gojinn.testing.guests import printing
from gojinn.testing.jobs import consuming, job_for, until

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not can_mount(), reason="only root may mount a loop device"),
]

LEFT = 24 << 20
"""Bytes that are left on the disk."""


async def fill(jobs: Jobs, acknowledged: list[str]) -> None:
    """Sends large jobs until one is refused; notes those that are not."""
    while True:
        acknowledged.append((await jobs.publish(job_for("q", b"x" * 200_000), timeout=2.0)).id)


async def test_jobs_outlive_a_full_disk(tmp_path: Path) -> None:
    (tmp_path / "ok.wasm").write_bytes(printing(b'{"status":200,"headers":{},"body":"fine"}'))
    with mounted(tmp_path / "disk.img", tmp_path / "disk") as disk:
        filler = disk / "filler"
        with filler.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, os.statvfs(disk).f_bavail * 4096 - LEFT)
        async with kit.node(disk / "data") as (node, _), Fabric(node, "test") as fabric:
            jobs, acknowledged = Jobs(fabric), list[str]()
            with pytest.raises(GojinnError):
                await fill(jobs, acknowledged)
            assert len(acknowledged) > 20
            filler.unlink()

            async def room() -> str | None:
                try:
                    return (await jobs.publish(job_for("q"), timeout=2.0)).id
                except GojinnError:
                    return None

            acknowledged.append(await until(room, 60))
            async with consuming(
                fabric, CompileCache(tmp_path / "cache"), "queue q ok.wasm", tmp_path
            ) as bench:
                for id in acknowledged:
                    assert (await bench.over(id)).state is State.DONE
