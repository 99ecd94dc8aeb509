"""What remains when a process is killed, hangs or dies again and again: everybody else's requests."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
from pathlib import Path
from typing import Any

import pytest

from gojinn.errors import GojinnError
from gojinn.testing.app import App, Record, serve
from gojinn.testing.guests import guest
from gojinn.testing.load import load
from gojinn.testing.stopwatch import Stopwatch, waited

pytestmark = pytest.mark.slow

CERTIFICATES = Path(__file__).parent.parent / "edge" / "certificates"
HELLO = ":0\nrespond hello\n"


async def started_after(app: App, killed: int) -> Record:
    """Waits for the successor of a worker."""
    await app.record("worker ended", pid=killed)
    return await app.record("worker started")


async def test_a_killed_worker_costs_only_its_own_requests() -> None:
    async with serve(HELLO, workers=2) as app:
        killed, other = await app.worker_pids()
        async with load(app.url, clients=8) as count:
            await count.more(500)
            os.kill(killed, signal.SIGKILL)
            await started_after(app, killed)
            await count.more(500)
        assert len(count.failures) <= 8
        assert set(count.answers) == {(200, b"hello")}
        pids = await app.worker_pids()
        assert other in pids
        assert killed not in pids
        assert len(pids) == 2


async def test_connections_that_wait_outlive_the_only_worker() -> None:
    async with serve(HELLO) as app:
        [killed] = await app.worker_pids()
        os.kill(killed, signal.SIGSTOP)
        waiting = [asyncio.create_task(app.get()) for _ in range(5)]
        await asyncio.wait(waiting, timeout=0.2)
        os.kill(killed, signal.SIGKILL)
        assert await asyncio.gather(*waiting) == [(200, b"hello")] * 5


async def test_a_new_worker_serves_within_a_second() -> None:
    async with serve(HELLO) as app:
        taken = []
        for _ in range(3):
            [pid] = await app.worker_pids()
            app.records = [record for record in app.records if record["msg"] != "worker started"]
            watch = Stopwatch(app.pid)
            os.kill(pid, signal.SIGKILL)
            started = await app.record("worker started")
            taken.append(watch.seconds() - max(waited(started["pid"]).values()))
            assert await app.get() == (200, b"hello")
        assert min(taken) < 1


async def test_a_new_worker_serves_the_configuration_of_the_last_reload() -> None:
    async with serve(HELLO) as app:
        await app.reload(HELLO.replace("hello", "changed"))
        app.caddyfile.write_text("broken {")
        [killed] = await app.worker_pids()
        os.kill(killed, signal.SIGKILL)
        await started_after(app, killed)
        assert await app.get() == (200, b"changed")


async def test_a_new_worker_runs_the_modules_that_the_others_run() -> None:
    async with serve(HELLO) as app:
        module = app.folder / "f.wasm"
        shutil.copy(guest("hello.c"), module)
        await app.reload(":0\ngojinn f.wasm\n")
        before = await app.get()
        module.write_bytes(b"half a mod")
        [killed] = await app.worker_pids()
        os.kill(killed, signal.SIGKILL)
        await started_after(app, killed)
        assert await app.get() == before


async def test_a_worker_that_keeps_dying_is_replaced_more_slowly() -> None:
    async with serve(HELLO) as app:
        for _ in range(3):
            [pid] = await app.worker_pids()
            os.kill(pid, signal.SIGKILL)
            await app.record("worker ended", pid=pid)
            app.records = [record for record in app.records if record["msg"] != "worker started"]
            await app.record("worker started")
        pauses = [record["next_in"] for record in app.records if record["msg"] == "worker keeps ending"]
        assert pauses == [0.5, 1.0]
        assert await app.get() == (200, b"hello")


async def test_a_reload_cuts_the_pause_before_a_replacement_short() -> None:
    async with serve(HELLO) as app:
        for _ in range(6):
            [pid] = await app.worker_pids()
            app.records = [record for record in app.records if record["msg"] != "worker started"]
            os.kill(pid, signal.SIGKILL)
            await app.record("worker ended", pid=pid)
            if len([r for r in app.records if r["msg"] == "worker keeps ending"]) < 5:
                await app.record("worker started")
        await app.record("worker keeps ending", next_in=8.0)
        watch = Stopwatch(app.pid)
        await app.reload(HELLO.replace("hello", "changed"))
        assert await app.get() == (200, b"changed")
        taken = watch.seconds()
        [pid] = await app.worker_pids()
        assert taken - max(waited(pid).values()) < 7.5


async def test_a_reload_while_no_worker_is_left_is_tried_out_all_the_same() -> None:
    async with serve(HELLO) as app:
        [hanging] = await app.worker_pids()
        os.kill(hanging, signal.SIGSTOP)
        with pytest.raises(GojinnError, match="cannot use certificate"):
            await app.reload(
                f"https://localhost:0 {{\n\ttls {CERTIFICATES}/one.pem {CERTIFICATES}/two.key\n}}\n"
            )
        await started_after(app, hanging)
        assert await app.get() == (200, b"hello")


async def test_a_worker_that_hangs_is_replaced() -> None:
    async with serve(HELLO, workers=2) as app:
        hanging, _ = await app.worker_pids()
        os.kill(hanging, signal.SIGSTOP)
        await app.record("worker does not answer", pid=hanging)
        await started_after(app, hanging)
        assert hanging not in await app.worker_pids()


async def test_a_supervisor_that_was_stopped_for_a_while_kills_nobody() -> None:
    async with serve(HELLO) as app:
        pids = await app.worker_pids()
        app.process.send_signal(signal.SIGSTOP)
        await asyncio.sleep(9)  # longer than a worker may take for a sign of life
        app.process.send_signal(signal.SIGCONT)
        assert await app.worker_pids() == pids


async def test_terminating_a_worker_from_outside_leaves_it_to_the_supervisor() -> None:
    async with serve(HELLO) as app:
        pids = await app.worker_pids()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            os.kill(pids[0], number)
        assert await app.get() == (200, b"hello")
        assert await app.worker_pids() == pids


async def test_a_request_is_not_lost_while_workers_are_killed_one_after_the_other(upstream: Any) -> None:
    async with serve(HELLO, workers=3) as app:
        _, *victims = await app.worker_pids()
        async with load(app.url, clients=6, keep_alive=False) as count:
            for pid in victims:
                await count.more(100)
                os.kill(pid, signal.SIGKILL)
                await app.record("worker ended", pid=pid)
        assert len(count.failures) <= 12
        assert set(count.answers) == {(200, b"hello")}
