"""How `gojinn jobs` and `gojinn dlq` ask for jobs, and how these look on a terminal."""

from __future__ import annotations

import time
from typing import Any

import rich_click as click

from gojinn.cli.screen import console, duration, plain, show_table

Record = dict[str, Any]

COLOURS = {"done": "green", "dead": "red", "retrying": "yellow", "running": "cyan", "cancelled": "dim"}
LEVELS = ("debug", "info", "warn", "error", "stderr")
SHOWN = 2000
"""Characters of an answer that a terminal shows."""

tenant_option = click.option("--tenant", "-t", help="Whose jobs; without it, everybody's.")
queue_option = click.option("--queue", "-q", help="Only those of this queue or module.")
limit_option = click.option(
    "--limit", "-n", type=click.IntRange(1, 10_000), default=100, show_default=True, help="At most so many."
)


def ago(seconds: float) -> str:
    """Shows a time since 1970 as it is seen from now."""
    if not seconds:
        return ""
    away = time.time() - seconds
    return f"{duration(away)} ago" if away >= 0 else f"in {duration(-away)}"


def coloured(state: str) -> str:
    """Shows a state."""
    colour = COLOURS.get(state, "default")
    return f"[{colour}]{plain(state)}[/]"


def show_records(records: list[Record], none: str) -> None:
    """Prints jobs as a table."""
    if not records:
        console().print(none, style="dim")
        return
    rows = [
        (
            plain(each["id"]),
            plain(each["queue"]),
            plain(each["tenant"]),
            coloured(each["state"]),
            str(each["attempts"]),
            ago(each["created"]),
            plain(each["reason"] or each["status"] or ago(each["due"])),
        )
        for each in records
    ]
    show_table(("job", "queue", "tenant", "state", "attempts", "made", ""), rows)


def show_record(record: Record) -> None:
    """Prints all that is known of a job."""
    out = console()
    out.print(f"[bold]{plain(record['id'])}[/] {coloured(record['state'])}")
    facts = {
        "queue": record["queue"],
        "tenant": record["tenant"],
        "attempts": record["attempts"],
        "made": ago(record["created"]),
        "due": ago(record["due"]) if record["state"] in ("scheduled", "retrying") else "",
        "ended": ago(record["ended"]),
        "status": record["status"] or "",
        "error": record["error"],
        "trace": record["trace"][3:35],
    }
    for name, value in facts.items():
        if value != "":
            out.print(f"  [dim]{name:<9}[/]{plain(value)}")
    for level, text in record["log"]:
        out.print(f"  [dim]{LEVELS[level]:<9}[/]{plain(text)}")
    if record["body"]:
        out.print(plain(record["body"][:SHOWN]))
