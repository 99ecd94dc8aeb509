"""The stopwatch against processes that compete for one processor."""

import os
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter, process_time

import pytest

from gojinn.testing.stopwatch import Stopwatch, waited

ATTEMPTS = 10
"""Whoever has to wait between a reading of the kernel's count and one of the clock is told too little, which
happens on a busy machine, but not each time."""


def work(seconds: float) -> None:
    """Uses this much time of the processor."""
    end = process_time() + seconds
    while process_time() < end:
        pass


@pytest.fixture
def crowded() -> Iterator[None]:
    """Three others that want the one processor on which this process may run."""
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(allowed)})
    command = [sys.executable, "-S", "-c", "print(flush=True)\nwhile True: pass"]
    others = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(3)]
    try:
        for other in others:
            assert other.stdout is not None
            other.stdout.readline()
        yield
    finally:
        for other in others:
            other.kill()
            other.communicate()
        os.sched_setaffinity(0, allowed)


def measured(seconds: float, *pids: int) -> tuple[float, float]:
    """Works so long; returns what the stopwatch says, and the clock."""
    watch, begun = Stopwatch(*pids), perf_counter()
    work(seconds)
    wall = perf_counter() - begun
    return watch.seconds(), wall


def test_work_is_counted():
    assert any(measured(0.02)[0] > 0.015 for _ in range(ATTEMPTS))


@pytest.mark.slow
def test_waiting_for_others_is_not(crowded):
    attempts = (measured(0.2) for _ in range(ATTEMPTS))
    assert any(0.19 < seconds < wall / 2 for seconds, wall in attempts)


def test_what_another_process_sleeps_is_counted():
    other = subprocess.Popen(
        [sys.executable, "-S", "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        assert any(measured(0.02, other.pid)[0] > 0.015 for _ in range(ATTEMPTS))
    finally:
        other.communicate(b"\n")


def test_a_process_that_is_gone_is_told():
    other = subprocess.Popen([sys.executable, "-S", "-c", ""])
    other.wait()
    with pytest.raises(OSError):
        waited(other.pid)
