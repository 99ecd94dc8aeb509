"""A fresh sandbox per HTTP request against the same server answering the same bytes without one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from benchmarks import pauses
from benchmarks.load import Load, flood, steady
from benchmarks.machine import ALL_CORES, LOAD_CORES, SERVER_CORES, cpu_seconds
from benchmarks.server import Server, gojinn

ANSWER = '{"hello":"world","from":"a fresh sandbox"}'


@dataclass(slots=True)
class Runs:
    """Every round of one variant."""

    rates: list[float] = field(default_factory=list)
    p50: list[float] = field(default_factory=list)
    p99: list[float] = field(default_factory=list)
    cpu_us: list[float] = field(default_factory=list)
    """CPU microseconds of the server per request."""
    errors: int = 0

    def add(self, load: Load, cpu: float, seconds: float) -> None:
        """Notes one round: what the load saw and the server's CPU seconds."""
        self.rates.append(load.rate)
        self.p50.append(load.p50)
        self.p99.append(load.p99)
        self.cpu_us.append(cpu * 1e6 / (load.rate * seconds))
        self.errors += load.errors

    def summary(self) -> dict[str, float]:
        """Medians over the rounds."""
        return {
            "rate": median(self.rates),
            "p50_ms": median(self.p50),
            "p99_ms": median(self.p99),
            "cpu_us": median(self.cpu_us),
            "rounds": len(self.rates),
            "errors": self.errors,
        }


def site(guests: dict[str, Path]) -> str:
    """The measured site: the plain answer and a route for each guest."""
    routes = [
        f"\tgojinn /{name} {path}"
        for name, path in guests.items()
        if name not in ("loop", "park", "empty", "query", "no-query", "proxy", "proxy.4k", "proxy.py")
    ]
    plain = f"\thandle /plain {{\n\t\theader Content-Type application/json\n\t\trespond `{ANSWER}`\n\t}}"
    return "\n".join([plain, *routes])


Variants = dict[str, tuple[Server, str]]
"""Name → the server and the path to ask for."""


def alternate(
    variants: Variants, *, rounds: int, seconds: float, shared: bool = False
) -> dict[str, dict[str, float]]:
    """Floods each variant in turn, round after round (the first second warms up), and takes medians.

    The load generator has a core of its own, or is `shared` out to the cores of each server.
    """
    runs = {name: Runs() for name in variants}
    for server, path in variants.values():
        flood(server.url + path, seconds=1, cores=server.cores if shared else LOAD_CORES)
    for _ in range(rounds):
        for name, (server, path) in variants.items():
            before = sum(map(cpu_seconds, server.pids))
            load = flood(server.url + path, seconds=seconds, cores=server.cores if shared else LOAD_CORES)
            runs[name].add(load, sum(map(cpu_seconds, server.pids)) - before, seconds)
    return {name: run.summary() for name, run in runs.items()}


def sandbox_tax(
    guests: dict[str, Path], cache: Path, *, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """One worker on one core: the plain answer, each guest, and the pure-Python engine, alternating."""
    pure = f"\tgojinn /pure {guests['c']}\n"
    with (
        gojinn(site(guests), cores=SERVER_CORES, cache=cache) as main,
        gojinn(pure, cores=SERVER_CORES, cache=cache, engine="pure") as slow,
    ):
        variants = {"plain": (main, "/plain")}
        variants |= {name: (main, f"/{name}") for name in ("c", "rust", "c-16m", "go") if name in guests}
        variants["pure"] = (slow, "/pure")
        return alternate(variants, rounds=rounds, seconds=seconds)


def latency(
    guests: dict[str, Path], cache: Path, *, rate: float, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """Latency of the small C guest at half of the measured maximum rate, one worker.

    Beside it, alternating: the answer without a sandbox at that rate, and what an ideal server's latency
    would be, answering in the same time but standing still only when the machine does.
    """
    asked = {"plain": "/plain", "c": "/c"}
    loads: dict[str, list[Load]] = {"ideal": [], **{name: [] for name in asked}}
    with gojinn(site(guests), cores=SERVER_CORES, cache=cache) as server:
        for path in asked.values():
            flood(server.url + path, seconds=1, cores=LOAD_CORES)
        for _ in range(rounds):
            times = pauses.floor(rate=rate / 2, service=1 / rate, seconds=seconds)
            loads["ideal"].append(Load.of(times, seconds))
            for name, path in asked.items():
                load = steady(server.url + path, rate=rate / 2, seconds=seconds, cores=LOAD_CORES)
                loads[name].append(load)
    return {name: _middle(found) for name, found in loads.items()}


def _middle(loads: list[Load]) -> dict[str, float]:
    return {
        "rate": median(load.rate for load in loads),
        "p50_ms": median(load.p50 for load in loads),
        "p99_ms": median(load.p99 for load in loads),
        "errors": sum(load.errors for load in loads),
    }


def scaling(
    guests: dict[str, Path], cache: Path, *, rounds: int, seconds: float
) -> dict[str, dict[str, float]]:
    """One worker on one core against two on two, each core with its share of the load generator: what does
    the generator's work is then taken from both alike."""
    with (
        gojinn(site(guests), cores=SERVER_CORES, cache=cache, workers=1) as one,
        gojinn(site(guests), cores=ALL_CORES, cache=cache, workers=2) as two,
    ):
        variants: Variants = {}
        for name in ("go", "c"):
            if name in guests:
                variants |= {f"{name} x 1": (one, f"/{name}"), f"{name} x 2": (two, f"/{name}")}
        return alternate(variants, rounds=rounds, seconds=seconds, shared=True)
