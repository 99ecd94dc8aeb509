"""The whole program from start to end: what it says, answers, leaves behind, and with which exit code."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest

from gojinn.process.usage import usage
from gojinn.testing.app import Ended, serve

pytestmark = pytest.mark.slow

HELLO = ":0\nrespond hello\n"


async def failure(caddyfile: str, **options: Any) -> Ended:
    """Starts what cannot start."""
    with pytest.raises(Ended) as failed:
        async with serve(caddyfile, **options):
            pass
    return failed.value


def processes() -> set[int]:
    """Pids of all that is a child of this process, however deep."""
    parents = {int(stat.parent.name): parent_of(stat) for stat in Path("/proc").glob("[0-9]*/stat")}
    found = {os.getpid()}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def parent_of(stat: Path) -> int:
    try:
        return int(stat.read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


async def test_it_answers_and_tells_where() -> None:
    async with serve(HELLO) as app:
        assert await app.get() == (200, b"hello")
        ready = await app.record("serving")
        assert ready["urls"] == [app.url]
        assert ready["workers"] == 1


async def test_every_worker_serves_the_same_port() -> None:
    async with serve(HELLO, workers=3) as app:
        assert len(set(await app.worker_pids())) == 3
        assert await app.get() == (200, b"hello")


async def test_workers_share_connections_that_come_one_by_one() -> None:
    async with serve(HELLO, workers=2) as app:
        where = urlsplit(app.url)
        streams = [await asyncio.open_connection(where.hostname, where.port) for _ in range(40)]
        for reader, writer in streams:
            writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            await reader.readuntil(b"hello")
        held = [worker["connections"] for worker in (await app.status())["workers"]]
        for _, writer in streams:
            writer.close()
        assert sum(held) == 40
        assert min(held) >= 10


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_stops_it_in_good_order(number: signal.Signals) -> None:
    before = processes()
    async with serve(HELLO, workers=2) as app:
        assert await app.stop(number) == 0
        assert processes() == before


async def test_its_ports_are_free_afterwards() -> None:
    async with serve(HELLO) as app:
        port = int(app.url.rpartition(":")[2])
        await app.stop()
        socket.create_server(("", port)).close()


async def test_the_admin_listener_stops_it() -> None:
    async with serve(HELLO) as app:
        async with app.session.post(f"{app.admin}/_sys/stop") as response:
            assert response.status == 200
        assert await app.wait() == 0


async def test_a_request_in_flight_is_answered_before_the_end(upstream: Any) -> None:
    async with serve(f":0\nreverse_proxy {upstream.address}\n") as app:
        asking = asyncio.create_task(app.get())
        await upstream.arrival()
        app.process.terminate()
        await app.record("stopping")
        upstream.release()
        assert await asking == (200, b"slow")
        assert await app.wait() == 0


async def test_a_request_past_the_grace_period_is_told_so(upstream: Any) -> None:
    caddyfile = f"{{\n\tgrace_period 100ms\n}}\n:0 {{\n\treverse_proxy {upstream.address}\n}}\n"
    async with serve(caddyfile) as app:
        asking = asyncio.create_task(app.get())
        await upstream.arrival()
        assert await app.stop() == 0
        status, body = await asking
        assert status == 503
        assert b"stopping" in body


async def test_a_second_signal_forces_the_end(upstream: Any) -> None:
    async with serve(f":0\nreverse_proxy {upstream.address}\n") as app:
        asking = asyncio.create_task(app.get())
        await upstream.arrival()
        app.process.send_signal(signal.SIGINT)
        await app.record("stopping")
        assert await app.stop(signal.SIGINT) == 1
        with pytest.raises(aiohttp.ClientError):
            await asking


async def test_ctrl_c_in_a_terminal_reaches_only_the_supervisor(upstream: Any) -> None:
    async with serve(f":0\nreverse_proxy {upstream.address}\n") as app:
        [worker] = await app.worker_pids()
        assert os.getsid(worker) == worker


async def test_killing_the_supervisor_leaves_nothing() -> None:
    before = processes()
    async with serve(HELLO, workers=2) as app:
        workers = await app.worker_pids()
        app.process.kill()
        await app.wait()
        # The log ends when the last process that writes it has.
        async with asyncio.timeout(5), app.said:
            await app.said.wait_for(lambda: app.ended)
        assert not any(usage(pid) and pid in processes() for pid in workers)
        assert processes() == before


async def test_a_stopped_worker_dies_with_the_supervisor_too() -> None:
    async with serve(HELLO) as app:
        [worker] = await app.worker_pids()
        os.kill(worker, signal.SIGSTOP)
        app.process.kill()
        async with asyncio.timeout(5), app.said:
            await app.said.wait_for(lambda: app.ended)


@pytest.mark.embedded
async def test_a_port_in_use_is_told_with_its_place() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        caddyfile = f"{{\n\tadmin off\n}}\n\n:{port} {{\n\tbind 127.0.0.1\n\trespond hello\n}}\n"
        ended = await failure(caddyfile)
    assert ended.exit_code == 4
    assert f"cannot listen on '127.0.0.1:{port}' (Caddyfile:5:1): address already in use" in ended.message


async def test_the_admin_port_in_use_has_its_own_hint() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = await failure(f"{{\n\tadmin 127.0.0.1:{taken.getsockname()[1]}\n}}\n{HELLO}")
    assert ended.exit_code == 4
    assert "'admin 127.0.0.1:0' or 'admin off'" in ended.message


async def test_a_wrong_caddyfile_does_not_start() -> None:
    before = processes()
    ended = await failure(":0\nrespnd hello\n")
    assert ended.exit_code == 3
    assert "did you mean 'respond'?" in ended.message
    assert processes() == before


async def test_it_does_nothing_while_nothing_is_asked() -> None:
    async with serve(HELLO, workers=2) as app:
        await app.get()
        pids = [app.pid, *await app.worker_pids()]
        before = [seconds(pid) for pid in pids]
        await asyncio.sleep(3)  # there is nothing to wait for: that is the claim
        assert [seconds(pid) for pid in pids] == pytest.approx(before, abs=0.011)


def seconds(pid: int) -> float:
    """Processor time of a process."""
    found = usage(pid)
    assert found is not None
    return found.cpu


async def test_no_thread_is_left_over_from_the_start() -> None:
    async with serve(HELLO) as app:
        for pid in (app.pid, *await app.worker_pids()):
            assert len(os.listdir(f"/proc/{pid}/task")) <= 4


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_fifty_starts_leak_nothing(tmp_path: Path) -> None:
    descriptors = len(os.listdir("/proc/self/fd"))
    before = processes()
    env = {"TMPDIR": str(tmp_path)}
    for _ in range(50):
        async with serve(HELLO, workers=2, env=env) as app:
            assert await app.get() == (200, b"hello")
    assert processes() == before
    assert len(os.listdir("/proc/self/fd")) <= descriptors + 1
    assert os.listdir(tmp_path) == []


async def test_a_start_takes_little() -> None:
    async with serve(HELLO) as app:
        spent = sum(seconds(pid) for pid in (app.pid, *await app.worker_pids()))
        assert spent < 2
