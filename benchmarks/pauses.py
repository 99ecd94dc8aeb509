"""The machine's own pauses, and what they leave of the latency of a server that is otherwise perfect.

On a virtual machine every core stands still now and then, for milliseconds, whatever runs on it. A process
of its own for each core (`python -m benchmarks.pauses`) watches them while nothing else runs. Serves nothing.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

from benchmarks.load import ROOT, pinned
from benchmarks.machine import LOAD_CORES, SERVER_CORES
from benchmarks.openloop import arrivals

SHORTEST = 1e-4
"""Seconds that have to be missing before they count as a pause."""

Pauses = Sequence[tuple[float, float]]
"""Begin and end of each, in seconds since the watching began."""


class Core:
    """A core that stands still at known times; asked for times that only grow."""

    def __init__(self, pauses: Pauses) -> None:
        self._pauses = iter((*pauses, (float("inf"), float("inf"))))
        self._next = next(self._pauses)

    def running(self, time: float) -> float:
        """The first moment from `time` on in which the core runs."""
        while self._next[1] <= time:
            self._next = next(self._pauses)
        return self._next[1] if self._next[0] <= time else time


def ideal(due: Iterable[float], service: float, server: Pauses, client: Pauses) -> list[float]:
    """Latencies in milliseconds, in order, of requests that one server answers in `service` seconds each.

    It takes them as they come and does nothing else; both cores stand still in their pauses.
    """
    sending, answering, receiving = Core(client), Core(server), Core(client)
    free = 0.0
    times: list[float] = []
    for moment in due:
        begun = answering.running(max(free, sending.running(moment)))
        free = answering.running(begun + service)
        times.append((receiving.running(free) - moment) * 1e3)
    return sorted(times)


def floor(*, rate: float, service: float, seconds: float) -> list[float]:
    """Watches the cores for so long; returns the latencies of an ideal server on them at this rate."""
    watchers = [
        subprocess.Popen(
            pinned(cores, sys.executable, "-m", "benchmarks.pauses", f"--seconds={seconds:g}"),
            stdout=subprocess.PIPE, cwd=ROOT, text=True,
        )
        for cores in (SERVER_CORES, LOAD_CORES)
    ]  # fmt: skip
    server, client = (json.loads(watcher.communicate()[0]) for watcher in watchers)
    return ideal(arrivals(rate, seconds), service, server, client)


def watch(seconds: float, clock: Callable[[], float] = perf_counter) -> list[tuple[float, float]]:
    """Reads the clock without a break and notes where it jumped."""
    began = last = clock()
    found: list[tuple[float, float]] = []
    while last - began < seconds:
        now = clock()
        if now - last > SHORTEST:
            found.append((last - began, now - began))
        last = now
    return found


def main() -> None:
    """Reads the option, watches, prints the pauses as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pauses", description=__doc__)
    parser.add_argument("--seconds", type=float, required=True)
    print(json.dumps(watch(parser.parse_args().seconds)))


if __name__ == "__main__":
    main()
