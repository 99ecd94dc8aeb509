"""Log lines through a thread: nothing is lost, nothing blocks, nothing is left."""

import asyncio
import os
import threading
from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.observe import sink as sinks_of
from gojinn.observe.sink import Sink, Sinks


async def test_every_line_is_written_by_the_end(tmp_path: Path) -> None:
    sink = Sink(str(tmp_path / "log"))
    for number in range(1000):
        sink.write(b"%d\n" % number)
    await sink.close()
    assert (tmp_path / "log").read_bytes().split() == [b"%d" % number for number in range(1000)]


async def test_lines_are_written_without_an_end(tmp_path: Path) -> None:
    sink = Sink(str(tmp_path / "log"))
    for number in range(3):
        sink.write(b"%d\n" % number)
        async with asyncio.timeout(5):
            while (tmp_path / "log").read_bytes().count(b"\n") <= number:  # noqa: ASYNC110 - a thread writes it
                await asyncio.sleep(0.005)
    await sink.close()


async def test_no_thread_is_left(tmp_path: Path) -> None:
    before = threading.active_count()
    sink = Sink(str(tmp_path / "log"))
    await sink.close()
    async with asyncio.timeout(5):
        while threading.active_count() > before:  # noqa: ASYNC110 - the thread ends on its own
            await asyncio.sleep(0.005)


async def test_full_pipe_blocks_nobody_and_drops_what_has_no_room(monkeypatch: pytest.MonkeyPatch) -> None:
    source, end = os.pipe()
    monkeypatch.setattr("gojinn.observe.target.STREAMS", {"stdout": end})
    monkeypatch.setattr(sinks_of, "FAREWELL", 0.05)
    sink = Sink("stdout")
    for _ in range(3 * sinks_of.ROOM):
        sink.write(b"x" * 99 + b"\n")
    assert sink.dropped > 0
    await sink.close()
    reading = threading.Thread(target=lambda: all(iter(lambda: os.read(source, 1 << 16), b"")))
    reading.start()
    async with asyncio.timeout(5):
        while any(thread.name == "log stdout" for thread in threading.enumerate()):  # noqa: ASYNC110
            await asyncio.sleep(0.005)
    os.close(end)
    reading.join()
    os.close(source)


async def test_broken_output_loses_its_lines_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    source, end = os.pipe()
    os.close(source)
    monkeypatch.setattr("gojinn.observe.target.STREAMS", {"stdout": end, "stderr": 2})
    sink = Sink("stdout")
    sink.write(b"lost\n")
    await sink.close()
    os.close(end)
    assert sink.dropped == 1
    assert "log output failed" in capfd.readouterr().err


async def test_output_is_open_once_for_all_its_users(tmp_path: Path) -> None:
    sinks = Sinks()
    name = str(tmp_path / "log")
    first, second = sinks.acquire(name), sinks.acquire(name)
    assert first is second
    await sinks.release(first)
    second.write(b"still there\n")
    await sinks.release(second)
    assert (tmp_path / "log").read_text() == "still there\n"
    third = sinks.acquire(name)
    assert third is not first
    await sinks.release(third)


def test_output_that_cannot_be_opened_leaves_nothing() -> None:
    before = threading.active_count()
    with pytest.raises(StartError):
        Sinks().acquire("/proc/none/log")
    assert threading.active_count() == before
