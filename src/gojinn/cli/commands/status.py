"""`gojinn status`. The figures are the server's; here they become tables."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import rich_click as click
from rich.markup import escape

from gojinn.cli.admin import Admin, asking, path_of
from gojinn.cli.screen import console, duration, show_table, size

Figures = dict[str, Any]

MOST_ROWS = 20
"""Streams, and consumers, that a table shows: the largest."""


@click.command("status")
@asking
def command(admin: Admin) -> None:
    """Show what a running server is doing.

    Asks its admin listener for workers, sites, functions, where these keep data, and what NATS holds. In a
    pipe the answer is JSON; '--json' makes it that on a terminal too. No secret and no value of the
    environment is in it.

    \b
    Examples:
      gojinn status
      gojinn status --address localhost:2020 --json
      gojinn status | jq '.workers[].rss'
    """
    status = admin.ask("GET", path_of("status"))
    if "node" in status:
        status["nodes"] = admin.ask("GET", path_of("nodes"))["nodes"]
    admin.show(status, show)


def show(status: Figures) -> None:
    """Prints tables of what there is."""
    show_head(status)
    show_rows(("node", "id", "version", "up", "workers", "requests", "memory"), map(node_row, nodes(status)))
    show_rows(("worker", "up", "memory", "CPU"), map(worker_row, status.get("workers", [])))
    show_rows(("site", "requests", "mean", "p99"), map(site_row, status.get("sites", [])))
    show_rows(
        ("function", "invocations", "mean", "p99", "memory", "failures"),
        map(function_row, status.get("functions", {}).items()),
    )
    show_stores(status.get("stores", []), Path(status["config"]).parent)
    if "nats" in status:
        show_nats(status["nats"])
    for warning in status.get("node", {}).get("warnings", []):
        console().print(f"\n[yellow]![/] {escape(warning)}")


def show_stores(stores: list[Figures], folder: Path) -> None:
    """Prints where functions keep data; paths below the Caddyfile's folder without it."""
    rows = [
        (
            *(each["kind"], each["name"], each["where"].removeprefix(f"{folder}/")),
            *(" ".join(each["functions"]), ", ".join(each["notes"])),
        )
        for each in stores
    ]
    show_rows(("data", "name", "where", "functions", ""), rows)


def show_head(status: Figures) -> None:
    """Prints what is true of the whole server."""
    out = console()
    facts = f"up {duration(status['uptime'])}, generation {status['generation']}, pid {status['pid']}"
    out.print(f"[green]●[/] [bold]Gojinn {status['version']}[/] [dim]{facts}[/]")
    out.print(f"  {status['config']}", style="dim", markup=False)


def show_nats(nats: Figures) -> None:
    """Prints what NATS holds: itself, streams and consumers."""
    out = console()
    kind = "embedded" if nats["embedded"] else "external"
    facts = f"{kind}, version {nats['version']}, {size(nats.get('storage', 0))} stored"
    if nats.get("restarts"):
        facts += f", restarted {nats['restarts']} times"
    mark = "[green]●[/]" if nats["connected"] and "error" not in nats else "[red]●[/]"
    out.print(f"\n{mark} [bold]NATS[/] [dim]{escape(facts)}[/]")
    if "error" in nats:
        out.print(f"  {nats['error']}", style="red", markup=False)
    streams, consumers = nats.get("streams", []), nats.get("consumers", [])
    show_rows(("stream", "messages", "size", "subjects", "copies"), map(stream_row, streams[:MOST_ROWS]))
    show_rows(
        ("consumer", "stream", "lag", "unacknowledged", "given again"),
        map(consumer_row, consumers[:MOST_ROWS]),
    )
    letters = nats.get("dead_letters", {}).items()
    rows = ((queue, tenant, f"{count:,}") for tenant, queues in letters for queue, count in queues.items())
    show_rows(("queue", "tenant", "dead letters"), rows)
    hidden = max(0, len(streams) - MOST_ROWS) + max(0, len(consumers) - MOST_ROWS)
    if hidden:
        out.print(f"  and {hidden} more: 'gojinn status --json'", style="dim")


def stream_row(stream: Figures) -> tuple[str, ...]:
    """Shows one stream."""
    copies = str(stream["replicas"]) + (f", {stream['behind']} behind" if stream["behind"] else "")
    return stream["name"], f"{stream['messages']:,}", size(stream["bytes"]), f"{stream['subjects']:,}", copies


def consumer_row(consumer: Figures) -> tuple[str, ...]:
    """Shows one consumer."""
    figures = (consumer[key] for key in ("lag", "unacknowledged", "redelivered"))
    return consumer["name"], consumer["stream"], *(f"{count:,}" for count in figures)


def show_rows(head: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    """Prints a table below an empty line, unless it has no rows."""
    cells = [tuple(map(escape, row)) for row in rows]
    if cells:
        console().print()
        show_table(head, cells)


def nodes(status: Figures) -> list[Figures]:
    """Lists the nodes when there are others beside this one."""
    found: list[Figures] = status.get("nodes", [])
    return found if len(found) > 1 else []


def node_row(node: Figures) -> tuple[str, ...]:
    """Shows one node."""
    facts = (node["name"], node["id"], node["version"], duration(node["uptime"]), str(node["workers"]))
    return *facts, f"{node['requests']:,}", size(node["rss"])


def worker_row(worker: Figures) -> tuple[str, ...]:
    """Shows one worker."""
    memory = size(worker["rss"]) if "rss" in worker else "?"
    cpu = f"{worker['cpu']:.2f} s" if "cpu" in worker else "?"
    return str(worker["pid"]), duration(worker["uptime"]), memory, cpu


def site_row(site: Figures) -> tuple[str, ...]:
    """Shows one site."""
    return (" ".join(site.get("urls") or [site["site"]]), *times(site.get("seconds", {})))


def function_row(entry: tuple[str, Figures]) -> tuple[str, ...]:
    """Shows one function."""
    name, figures = entry
    memory = size(figures["memory_bytes"]) if figures.get("memory_bytes") else ""
    failures = ", ".join(f"{count} {why}" for why, count in figures.get("failures", {}).items())
    return Path(name).stem, *times(figures.get("seconds", {})), memory, failures


def times(seconds: Figures) -> tuple[str, str, str]:
    """Shows count, mean and 99th percentile of durations."""
    mean, p99 = seconds.get("mean"), seconds.get("p99")
    return str(seconds.get("count", 0)), "" if mean is None else milliseconds(mean), below(p99)


def below(seconds: float | None) -> str:
    """Shows a percentile, which is known by its bucket's upper bound."""
    return "" if seconds is None else f"≤ {milliseconds(seconds)}"


def milliseconds(seconds: float) -> str:
    """Shows a short time."""
    return f"{seconds * 1e3:.3g} ms" if seconds < 1 else f"{seconds:.1f} s"
