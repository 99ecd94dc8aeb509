"""The stopwatch against processes that compete for one processor."""

import os
import subprocess
import sys
from collections.abc import Iterator
from time import perf_counter, process_time

import pytest

from gojinn.testing.stopwatch import Stopwatch, waited


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


def test_work_is_counted():
    watch = Stopwatch()
    work(0.02)
    assert watch.seconds() > 0.015


@pytest.mark.slow
def test_waiting_for_others_is_not(crowded):
    watch, begun = Stopwatch(), perf_counter()
    work(0.2)
    wall = perf_counter() - begun
    assert 0.19 < watch.seconds() < wall / 2


def test_what_another_process_sleeps_is_counted():
    other = subprocess.Popen(
        [sys.executable, "-S", "-c", "print(flush=True); input()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert other.stdout is not None
        other.stdout.readline()
        watch = Stopwatch(other.pid)
        work(0.02)
        assert watch.seconds() > 0.015
    finally:
        other.communicate(b"\n")


def test_a_process_that_is_gone_is_told():
    other = subprocess.Popen([sys.executable, "-S", "-c", ""])
    other.wait()
    with pytest.raises(OSError):
        waited(other.pid)
