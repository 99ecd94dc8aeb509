"""A NATS cluster of the user's own serves what the embedded one does: the same tests pass with it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SAME = ("test_jobs.py", "test_kv.py", "test_webhook.py", "test_cron.py")
SOME = "idempotency or outlive or same_time or paused or lock"
"""Words in the names of those that stand for all; these are `pytest --cluster` with the same files, and take
minutes."""
TIMEOUT = 300
"""Seconds for all of them."""


@pytest.mark.slow
@pytest.mark.toolchain
@pytest.mark.timeout(TIMEOUT)
async def test_the_same_tests_pass_with_a_cluster() -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", "-q", "--cluster", "-p", "no:cacheprovider", "-k", SOME),
        *(str(HERE / name) for name in SAME),
        cwd=HERE.parents[1],
        env={**os.environ, "COLUMNS": "120"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode(errors="replace")[-8000:]
