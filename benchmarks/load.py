"""Load from wrk (as fast as it goes) and `openloop` (at a fixed rate), pinned to cores of their own."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Set
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of load measured. Latencies in milliseconds."""

    rate: float
    """Answers a second."""
    p50: float
    p99: float
    errors: int
    """Answers that were not 2xx, and broken connections."""

    @classmethod
    def of(cls, times: list[float], seconds: float, errors: int = 0) -> Load:
        """Sums up ordered latencies in milliseconds."""
        return cls(len(times) / seconds, percentile(times, 50), percentile(times, 99), errors)


def pinned(cores: Set[int], *command: str) -> list[str]:
    """Puts a command on cores."""
    return ["taskset", "-c", ",".join(map(str, sorted(cores))), *command]


def flood(url: str, *, seconds: float, connections: int = 32, cores: Set[int]) -> Load:
    """Asks for `url` as fast as answers come, with a thread and so many kept-alive connections per core."""
    threads = [f"-t{len(cores)}", f"-c{connections * len(cores)}"]
    command = pinned(cores, "wrk", *threads, f"-d{seconds:g}s", "--latency", "--timeout", "10s", url)
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return Load(
        _number(text, r"Requests/sec:\s+([\d.]+)"),
        _latency(text, "50%"),
        _latency(text, "99%"),
        _errors(text),
    )


def steady(url: str, *, rate: float, seconds: float, connections: int = 32, cores: Set[int]) -> Load:
    """Asks for `url` at a fixed rate whether or not earlier answers have come (see `openloop`)."""
    options = {"rate": f"{rate:g}", "seconds": f"{seconds:g}", "connections": str(connections)}
    arguments = [f"--{name}={value}" for name, value in options.items()]
    command = pinned(cores, sys.executable, "-m", "benchmarks.openloop", url, *arguments)
    report = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=ROOT).stdout)
    times = sorted(report["ms"])
    if not times:
        raise RuntimeError(f"no answer from {url} at {rate:.0f} requests a second")
    return Load.of(times, seconds, report["errors"])


def percentile(ordered: list[float], percent: float) -> float:
    """The value below which `percent` of the ordered values lie (nearest rank)."""
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


def _number(text: str, pattern: str) -> float:
    found = re.search(pattern, text)
    if found is None:
        raise RuntimeError(f"the load generator printed no {pattern!r}:\n{text}")
    return float(found[1])


def _latency(text: str, mark: str) -> float:
    found = re.search(rf"{re.escape(mark)}\s+([\d.]+)(us|ms|s)", text)
    if found is None:
        raise RuntimeError(f"the load generator printed no latency:\n{text}")
    return float(found[1]) * UNITS[found[2]]


def _errors(text: str) -> int:
    wrong = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    return (int(wrong[1]) if wrong else 0) + (sum(map(int, broken.groups())) if broken else 0)
