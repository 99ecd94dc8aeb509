"""What a worker keeps of the memory that hostile guests make it use."""

from __future__ import annotations

import asyncio

import pytest

from gojinn.process.usage import usage
from gojinn.testing.app import App, serve
from gojinn.testing.guests import wat_guest

pytestmark = pytest.mark.slow

FLOOD = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 17)
  (data (i32.const 0) "\\10\\00\\00\\00\\00\\00\\10\\00")
  (func (export "_start")
    (loop (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0))))
"""
"""Writes a MiB to stdout, again and again."""
KEPT = 48 << 20
"""Bytes that a worker may have grown by: buffers of a few guests, not of all."""


async def resident(app: App) -> int:
    """Bytes of the only worker."""
    [pid] = await app.worker_pids()
    used = usage(pid)
    assert used is not None
    return used.rss


async def test_output_of_many_guests_at_once_is_not_kept() -> None:
    async with serve(f":0 {{\n\tgojinn * {wat_guest(FLOOD)}\n}}\n") as app:
        await app.get()
        before = await resident(app)
        for _ in range(8):
            answers = await asyncio.gather(*(app.get() for _ in range(16)))
            assert {status for status, _ in answers} == {502}
        assert await resident(app) < before + KEPT
