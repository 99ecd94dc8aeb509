"""The whole program from start to end: what it says, answers, leaves behind, and with which exit code."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.testing.app import App, serve

pytestmark = pytest.mark.slow

HELLO = ":0 {\n\trespond hello\n}\n"


async def refused(caddyfile: str, **options: object) -> tuple[int, str]:
    """Starts what cannot start; returns exit code and output."""
    with pytest.raises(StartError) as failed:
        async with serve(caddyfile, **options):  # type: ignore[arg-type]
            pass
    return failed.value.ended_with, str(failed.value)


async def test_it_answers_and_tells_where() -> None:
    async with serve(HELLO) as app:
        assert await app.get() == (200, b"hello")
        ready = await app.record("serving")
        assert ready["urls"] == [app.url]
        assert ready["workers"] == 1


async def test_every_worker_answers_on_the_same_port() -> None:
    async with serve(HELLO, workers=3) as app:
        assert len(set(await app.worker_pids())) == 3
        assert await app.get() == (200, b"hello")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_in_good_order(number: signal.Signals) -> None:
    async with serve(HELLO, workers=2) as app:
        assert await app.stop(number) == 0


async def test_the_admin_listener_stops_it() -> None:
    async with serve(HELLO) as app:
        async with app.session.post(f"{app.admin}/_sys/stop") as response:
            assert response.status == 200
        assert await app.wait() == 0
