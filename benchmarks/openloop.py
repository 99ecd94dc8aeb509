"""Load at a fixed rate: each request is due at its own time, whether or not earlier answers have come.

A process of its own (`python -m benchmarks.openloop`), pinned by `load`, which turns its report into figures.
Requests are due at random, independently of each other (a Poisson process, the same in every run), as those
of many clients are. What a request waits for, a free connection included, counts as its latency.
"""

from __future__ import annotations

import argparse
import gc
import json
import random
import re
import select
import socket
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from math import inf
from time import perf_counter
from urllib.parse import urlsplit

PATIENCE = 10.0
"""Seconds that the last answers get."""
LENGTH = re.compile(rb"content-length: (\d+)", re.IGNORECASE)


class Connection:
    """A kept-alive connection with at most one request under way."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.due = 0.0
        """When the request that is under way should have been sent."""
        self.received = b""

    def fileno(self) -> int:
        """For `select`."""
        return self.socket.fileno()

    def ask(self, request: bytes, due: float) -> None:
        """Sends a request."""
        self.due, self.received = due, b""
        self.socket.sendall(request)

    def status(self) -> int | None:
        """Takes what has arrived: the answer's status when that was the last of it, else None.

        Raises ConnectionError when there will be no more.
        """
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the server closed a connection")
        self.received += data
        head, end, body = self.received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = LENGTH.search(head)
        return int(head[9:12]) if length is None or len(body) >= int(length[1]) else None


def arrivals(rate: float, seconds: float) -> Iterator[float]:
    """When requests are due, in seconds since the beginning: the same times in every run."""
    source = random.Random(1)
    moment = 0.0
    while moment <= seconds:
        yield moment
        moment += source.expovariate(rate)


class Schedule:
    """When requests are due, by the clock of `perf_counter`."""

    def __init__(self, rate: float, seconds: float) -> None:
        self._arrivals = arrivals(rate, seconds)
        self._began = perf_counter()
        self.next = self._began + next(self._arrivals)
        """Infinite when no more will come."""

    def due(self, now: float) -> list[float]:
        """Returns the times that have come since it was last asked."""
        found: list[float] = []
        while self.next <= now:
            found.append(self.next)
            self.next = self._began + next(self._arrivals, inf)
        return found


def drive(url: str, rate: float, seconds: float, connections: int) -> tuple[list[float], int]:
    """Sends the requests; returns the latencies in milliseconds, and how many answers were not 2xx."""
    parts = urlsplit(url)
    request = f"GET {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n\r\n".encode()
    with ExitStack() as stack:
        idle = deque(Connection(parts.hostname or "", parts.port or 80) for _ in range(connections))
        for connection in idle:
            stack.enter_context(connection.socket)
        return exchange(request, idle, Schedule(rate, seconds))


def exchange(request: bytes, idle: deque[Connection], schedule: Schedule) -> tuple[list[float], int]:
    """Sends what is due over the connections until the schedule is over and all is answered."""
    busy: set[Connection] = set()
    waiting: deque[float] = deque()
    times: list[float] = []
    wrong = 0
    while True:
        waiting.extend(schedule.due(perf_counter()))
        while waiting and idle:
            connection = idle.popleft()
            connection.ask(request, waiting.popleft())
            busy.add(connection)
        over = schedule.next == inf
        if over and not busy:
            return times, wrong
        pause = PATIENCE if over else max(0.0, schedule.next - perf_counter())
        answering, _, _ = select.select(busy, (), (), pause)
        if over and not answering:
            raise TimeoutError(f"{len(busy)} answers did not come within {PATIENCE:g} s")
        for connection in answering:
            status = connection.status()
            if status is not None:
                times.append((perf_counter() - connection.due) * 1e3)
                wrong += not 200 <= status <= 299
                busy.remove(connection)
                idle.append(connection)


def main() -> None:
    """Reads the options, sends the requests, prints the report as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.openloop", description=__doc__)
    parser.add_argument("url")
    parser.add_argument("--rate", type=float, required=True, help="requests a second")
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--connections", type=int, required=True)
    options = parser.parse_args()
    gc.disable()
    times, wrong = drive(options.url, options.rate, options.seconds, options.connections)
    print(json.dumps({"ms": times, "errors": wrong}))


if __name__ == "__main__":
    main()
