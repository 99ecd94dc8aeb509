"""Short requests while endless loops run in the same worker."""

from __future__ import annotations

import http.client
import threading
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from benchmarks.load import Load, steady
from benchmarks.machine import LOAD_CORES, SERVER_CORES, cpu_seconds
from benchmarks.server import gojinn

HOGS = 4
SHORT_RATE = 200.0
"""Short requests a second: few enough that only the hogs load the worker."""


def measure(
    guests: dict[str, Path], cache: Path, *, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Latency of the small C guest alone and beside four endless loops, and the worker's idle CPU."""
    site = f"\tgojinn /c {guests['c']}\n\tgojinn /loop {guests['loop']} {{\n\t\ttimeout 10m\n\t}}"
    with gojinn(site, cores=SERVER_CORES, cache=cache) as server:
        url = server.url + "/c"
        before = sum(map(cpu_seconds, server.pids))
        threading.Event().wait(2)
        idle = (sum(map(cpu_seconds, server.pids)) - before) / 2 * 100
        alone = [
            steady(url, rate=SHORT_RATE, seconds=seconds, connections=4, cores=LOAD_CORES)
            for _ in range(rounds)
        ]
        hogs = [_hog(server.url) for _ in range(HOGS)]
        beside = [
            steady(url, rate=SHORT_RATE, seconds=seconds, connections=4, cores=LOAD_CORES)
            for _ in range(rounds)
        ]
        for hog in hogs:
            hog.close()
    return {
        "alone": _row(alone) | {"idle_cpu_percent": idle},
        f"beside {HOGS} endless loops": _row(beside),
    }


def _hog(url: str) -> http.client.HTTPConnection:
    connection = http.client.HTTPConnection(urlsplit(url).netloc)
    connection.request("GET", "/loop")
    return connection


def _row(loads: list[Load]) -> dict[str, float]:
    return {
        "p50_ms": median(load.p50 for load in loads),
        "p99_ms": median(load.p99 for load in loads),
        "errors": sum(load.errors for load in loads),
    }
