"""`gojinn jobs`. The jobs are the server's; here they become tables."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import rich_click as click
from rich.markup import escape

from gojinn.cli.admin import ask, find_address
from gojinn.cli.options import address_option, config_option, json_option
from gojinn.cli.screen import NO_CONTROLS, console, duration, show_json, show_table, wants_json

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


@click.group("jobs")
def command() -> None:
    """Look at background jobs, and call them off.

    Asks the admin listener of a running server.

    \b
    Examples:
      gojinn jobs list --state running,retrying
      gojinn jobs show 1a20efef1b5-5f20f47c6309
      gojinn jobs cancel 1a20efef1b5-5f20f47c6309
    """


@command.command("list")
@click.option("--state", "-s", help="Only those in these states, such as 'queued,running'.")
@queue_option
@tenant_option
@limit_option
@config_option
@address_option
@json_option
def list_jobs(
    state: str | None,
    queue: str | None,
    tenant: str | None,
    limit: int,
    config: Path,
    address: str | None,
    as_json: bool,
) -> None:
    """List jobs, the newest first."""
    path = asked("/_sys/jobs", state=state, queue=queue, tenant=tenant, limit=limit)
    answer = ask("GET", find_address(config, address), path)
    if wants_json(as_json):
        show_json(answer)
    else:
        show_records(answer["jobs"], "no jobs")


@command.command("show")
@click.argument("job")
@tenant_option
@config_option
@address_option
@json_option
def show(job: str, tenant: str | None, config: Path, address: str | None, as_json: bool) -> None:
    """Show all that is known of JOB: its state, its answer and its log."""
    record = ask("GET", find_address(config, address), asked(f"/_sys/jobs/{named(job)}", tenant=tenant))
    if wants_json(as_json):
        show_json(record)
    else:
        show_record(record)


@command.command("cancel")
@click.argument("job")
@tenant_option
@config_option
@address_option
@json_option
def cancel(job: str, tenant: str | None, config: Path, address: str | None, as_json: bool) -> None:
    """Call JOB off, whether it waits or runs."""
    path = asked(f"/_sys/jobs/{named(job)}/cancel", tenant=tenant)
    record = ask("POST", find_address(config, address), path)
    if wants_json(as_json):
        show_json(record)
    else:
        show_record(record)


def named(job: str) -> str:
    """Writes an id into a path."""
    return quote(job, safe="")


def asked(path: str, **query: Any) -> str:
    """Writes what to ask for; query parameters that are None are left out."""
    given = {name: value for name, value in query.items() if value is not None}
    return path + (f"?{urlencode(given)}" if given else "")


def plain(value: object) -> str:
    """Shows a text that steers no terminal."""
    return escape(str(value).translate(NO_CONTROLS))


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
            plain(each.get("tenant", "default")),
            coloured(each["state"]),
            str(each.get("attempts", 0)),
            ago(each.get("created", 0.0)),
            plain(each.get("reason") or each.get("status") or (each.get("due") and ago(each["due"])) or ""),
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
        "tenant": record.get("tenant", "default"),
        "attempts": record.get("attempts", 0),
        "made": ago(record.get("created", 0.0)),
        "due": ago(record.get("due", 0.0)) if record["state"] in ("scheduled", "retrying") else "",
        "ended": ago(record.get("ended", 0.0)),
        "status": record.get("status", ""),
        "error": record.get("error", ""),
        "trace": record.get("trace", "")[3:35],
    }
    for name, value in facts.items():
        if value != "":
            out.print(f"  [dim]{name:<9}[/]{plain(value)}")
    for level, text in record.get("log", []):
        out.print(f"  [dim]{LEVELS[level]:<9}[/]{plain(text)}")
    if record.get("body"):
        out.print(plain(record["body"][:SHOWN]))
