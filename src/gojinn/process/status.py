"""How everything is: the figures of all workers put together. Who may see them is `admin`'s."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Iterable, Mapping
from functools import reduce
from typing import Any

from gojinn import __version__
from gojinn.process.addresses import site_urls
from gojinn.process.admin import Admin
from gojinn.process.child import Child, WorkerGone
from gojinn.process.pool import Pool
from gojinn.process.reload import Reloader
from gojinn.process.usage import usage

Figures = dict[str, Any]
"""Counters, texts and dictionaries of them, as they are shown."""

LARGEST = frozenset(["memory_bytes"])
"""Figures that are peaks: of several, the largest counts and not the sum."""
SHARE = 0.99
"""The percentile that is shown."""


class Status:
    """Collects the answer to `GET /_sys/status`."""

    def __init__(self, reloader: Reloader, pool: Pool, admin: Admin) -> None:
        self.reloader = reloader
        self.pool = pool
        self.admin = admin
        self.started = time.time()

    async def collect(self) -> Figures:
        """Asks all workers. One that does not answer in time has only what the system knows of it."""
        children = list(self.pool.children)
        reports = await asyncio.gather(*map(measured, children))
        release = self.reloader.release
        return {
            "version": __version__,
            "pid": os.getpid(),
            "uptime": round(time.time() - self.started, 3),
            "config": str(self.reloader.loader.path.absolute()),
            "generation": release.number,
            "admin": self.admin.url,
            "usage": shown_usage(os.getpid()),
            "workers": [worker(child, report) for child, report in zip(children, reports, strict=True)],
            "sites": self.sites(reports),
            "functions": with_times(together(report.get("functions", {}) for report in reports)),
        }

    def sites(self, reports: Iterable[Figures]) -> list[Figures]:
        """Lists the sites with where they answer and how often they did."""
        figures = with_times(together(report.get("sites", {}) for report in reports))
        release = self.reloader.release
        return [
            {"site": name, "urls": urls, **figures.get(name, {})}
            for name, urls in site_urls(release.config, self.pool.sockets).items()
        ]


async def measured(child: Child) -> Figures:
    """Asks one worker."""
    try:
        return await child.measure()
    except WorkerGone:
        return {}


def worker(child: Child, report: Figures) -> Figures:
    """Makes the entry of one worker."""
    own = {key: value for key, value in report.items() if key not in ("sites", "functions")}
    seen = {"pid": child.pid, "uptime": round(child.uptime, 3), "generation": child.generation}
    return {**seen, **shown_usage(child.pid), **own}


def shown_usage(pid: int) -> Figures:
    """Shows what the system knows of a process."""
    found = usage(pid)
    return {} if found is None else {"rss": found.rss, "cpu": round(found.cpu, 2)}


def together(reports: Iterable[Mapping[str, Any]]) -> Figures:
    """Puts the same figures of several workers together."""
    return reduce(merge, reports, {})


def merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> Figures:
    """Adds the figures of two workers up."""
    merged = dict(one)
    for key, value in other.items():
        if key not in merged:
            merged[key] = value
        elif isinstance(value, dict):
            merged[key] = merge(merged[key], value)
        elif key in LARGEST:
            merged[key] = max(merged[key], value)
        else:
            merged[key] += value
    return merged


def with_times(figures: Figures) -> Figures:
    """Replaces the histograms of durations by their mean and 99th percentile."""
    return {name: {**entry, "seconds": durations(entry["seconds"])} for name, entry in figures.items()}


def durations(histogram: Mapping[str, Any]) -> Figures:
    """Makes mean and percentile of a histogram of seconds, whose buckets are named by their upper bounds."""
    count = histogram["count"]
    mean = round(histogram["sum"] / count, 6) if count else None
    return {"count": count, "mean": mean, "p99": percentile(histogram["buckets"], count * SHARE)}


def percentile(buckets: Mapping[str, int], wanted: float) -> float | None:
    """Returns the upper bound of the bucket that holds a value; None when that has none."""
    for bound in sorted(buckets, key=float):
        wanted -= buckets[bound]
        if wanted <= 0:
            return None if bound == "inf" else float(bound)
    return None
