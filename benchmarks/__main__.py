"""Runs every benchmark in one go; writes the table, the chart and the figures into `benchmarks/results/`."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks import (
    components,
    density,
    engine,
    fairness,
    http,
    kv,
    languages,
    peers,
    queue,
    readme,
    report,
    shared,
    sql,
)
from benchmarks.guests import build
from benchmarks.machine import describe

Part = Callable[[], Any]
RESULTS = Path(__file__).with_name("results")


def main() -> None:
    """Reads the options, measures the parts asked for, writes the report."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="gojinn-bench-") as folder:
        results = _measure(options, Path(folder))
    report.write(results, options.results)
    if options.results == RESULTS:
        readme.write(results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="alternating runs of each variant (default 5)")
    parser.add_argument("--seconds", type=float, default=3, help="length of one run (default 3)")
    parser.add_argument("--only", action="append", default=[], help="a part's name; may be repeated")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args()


def _measure(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    guests = build(folder / "guests")
    cache = folder / "cache"
    runs = {"rounds": options.rounds, "seconds": options.seconds}
    results: dict[str, Any] = {"machine": describe(), **runs}

    def latency() -> dict[str, dict[str, float]]:
        tax = results.get("http") or http.sandbox_tax({"c": guests["c"]}, cache, **runs)
        return http.latency(guests, cache, rate=tax["c"]["rate"], **runs)

    parts: dict[str, Part] = {
        "engine": lambda: engine.measure(guests, cache, rounds=options.rounds),
        "languages": lambda: languages.measure(
            guests["empty"], folder / "languages", cache, rounds=options.rounds
        ),
        "http": lambda: http.sandbox_tax(guests, cache, **runs),
        "latency": latency,
        "scaling": lambda: http.scaling(guests, cache, **runs),
        "fairness": lambda: fairness.measure(guests, cache, **runs),
        "kv": lambda: kv.measure(rounds=options.rounds),
        "queue": lambda: queue.measure(rounds=options.rounds),
        "parked": lambda: density.parked(guests, cache),
        "deployed": lambda: density.deployed(guests, folder / "deployed", cache),
        "shared": lambda: shared.measure(folder / "shared", cache),
        "start": lambda: density.start(cache, rounds=options.rounds),
        "sql": lambda: sql.measure(guests, folder, cache, **runs),
        "peers": lambda: peers.measure(guests, cache, **runs),
        "components": lambda: components.measure(guests, cache, **runs),
    }
    unknown = set(options.only) - parts.keys()
    if unknown:
        sys.exit(f"no such part: {', '.join(sorted(unknown))}; the parts are {', '.join(parts)}")
    for name, part in parts.items():
        if not options.only or name in options.only:
            began = time.monotonic()
            print(f"{name} …", end=" ", file=sys.stderr, flush=True)
            results[name] = part()
            print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)
    return results


if __name__ == "__main__":
    main()
