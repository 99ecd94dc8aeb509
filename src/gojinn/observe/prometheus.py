"""Figures in Prometheus' text format 0.0.4. Which figures there are, and what they mean, is others'."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gojinn.observe.metrics import SECONDS

CONTENT_TYPE = b"text/plain; version=0.0.4; charset=utf-8"
SHOWN = 1_000
"""Samples of one family: a label with more values is cut, or it would cost its reader more than it tells."""


@dataclass(slots=True)
class Family:
    """A metric with all its samples."""

    name: str
    """With its unit at the end, such as `gojinn_request_seconds`; counters end in `_total`."""
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: list[tuple[Mapping[str, Any], float]] = field(default_factory=list)
    histograms: list[tuple[Mapping[str, Any], Mapping[str, Any]]] = field(default_factory=list)
    """Of durations, as `metrics.Histogram.report` writes them."""

    def add(self, value: float | None, **labels: Any) -> None:
        """Adds a sample; None is none."""
        if value is not None and len(self.samples) < SHOWN:
            self.samples.append((labels, value))

    def add_histogram(self, report: Mapping[str, Any], **labels: Any) -> None:
        """Adds a histogram."""
        if len(self.histograms) < SHOWN:
            self.histograms.append((labels, report))


def render(families: Iterable[Family]) -> str:
    """Writes the page; a family without samples is left out."""
    return "".join(line + "\n" for family in families for line in lines(family))


def lines(family: Family) -> Iterator[str]:
    """Yields the lines of one family."""
    if not family.samples and not family.histograms:
        return
    yield f"# HELP {family.name} {family.help}"
    yield f"# TYPE {family.name} {family.kind}"
    for labels, value in family.samples:
        yield f"{family.name}{braced(labels)} {number(value)}"
    for labels, report in family.histograms:
        yield from histogram(family.name, labels, report)


def histogram(name: str, labels: Mapping[str, Any], report: Mapping[str, Any]) -> Iterator[str]:
    """Yields the lines of one histogram, whose buckets are cumulative there and not here."""
    total = 0
    # All of them each time, also empty ones: rates are made of what stays between two readings.
    for bound in (f"{each:g}" for each in SECONDS):
        total += report["buckets"].get(bound, 0)
        yield f"{name}_bucket{braced({**labels, 'le': bound})} {total}"
    yield f"{name}_bucket{braced({**labels, 'le': '+Inf'})} {report['count']}"
    yield f"{name}_sum{braced(labels)} {number(report['sum'])}"
    yield f"{name}_count{braced(labels)} {report['count']}"


def braced(labels: Mapping[str, Any]) -> str:
    """Writes labels."""
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{escaped(str(value))}"' for name, value in labels.items()) + "}"


def escaped(text: str) -> str:
    """Escapes the value of a label."""
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def number(value: float) -> str:
    """Writes a number; whole ones without a point."""
    return str(int(value)) if value == int(value) else repr(float(value))
