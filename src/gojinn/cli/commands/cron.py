"""`gojinn cron`. The schedules are the server's; here they become a table and orders."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import rich_click as click
from rich.markup import escape

from gojinn.cli.admin import ask, find_address
from gojinn.cli.options import address_option, config_option, json_option
from gojinn.cli.screen import console, duration, show_json, show_table, wants_json

DAY = 86_400
"""Seconds within which a time is shown without its date."""


@click.group("cron")
def command() -> None:
    """Show schedules, pause them, run one now.

    Schedules stand in the Caddyfile, as 'cron <schedule> <module.wasm>'. Each run is a job: 'gojinn jobs'
    tells what became of it.

    \b
    Examples:
      gojinn cron list
      gojinn cron run report-1f8a2c
      gojinn cron pause report-1f8a2c
    """


@command.command("list")
@config_option
@address_option
@json_option
def listing(config: Path, address: str | None, as_json: bool) -> None:
    """List the schedules of a running server, the next one first."""
    answer = ask("GET", find_address(config, address), "/_sys/cron")
    if wants_json(as_json):
        show_json(answer)
    elif not answer["schedules"]:
        console().print("no schedules; add 'cron <schedule> <module.wasm>' to the Caddyfile", style="dim")
    else:
        head = ("schedule", "due", "function", "last", "next")
        show_table(head, [tuple(map(escape, row(each))) for each in answer["schedules"]])


def row(schedule: dict[str, Any]) -> tuple[str, ...]:
    """Shows one schedule."""
    zone = "" if schedule["timezone"] == "UTC" else f" ({schedule['timezone']})"
    following = "paused" if schedule["paused"] else moment(schedule["next"])
    due = f"{schedule['schedule']}{zone}"
    return schedule["name"], due, schedule["function"], moment(schedule["last"]), following


def moment(instant: float | None) -> str:
    """Shows an instant in this machine's time zone, with how far away it is."""
    if instant is None:
        return ""
    away = instant - time.time()
    form = "%H:%M:%S" if abs(away) < DAY else "%Y-%m-%d %H:%M"
    shown = datetime.fromtimestamp(instant).astimezone().strftime(form)
    return f"{shown}, in {duration(away)}" if away >= 0 else f"{shown}, {duration(-away)} ago"


def order(config: Path, address: str | None, name: str, what: str) -> dict[str, Any]:
    """Has the server do something with a schedule."""
    return ask("POST", find_address(config, address), f"/_sys/cron/{quote(name, safe='')}/{what}")


@command.command("run")
@click.argument("name")
@config_option
@address_option
@json_option
def run(name: str, config: Path, address: str | None, as_json: bool) -> None:
    """Run the function of schedule NAME now, beside what it does by itself."""
    answer = order(config, address, name, "run")
    if wants_json(as_json):
        show_json(answer)
    else:
        console().print(f"queued as job [bold]{escape(answer['job'])}[/]")


@command.command("pause")
@click.argument("name")
@config_option
@address_option
@json_option
def pause(name: str, config: Path, address: str | None, as_json: bool) -> None:
    """Keep schedule NAME from running until it is resumed, through restarts and reloads."""
    answer = order(config, address, name, "pause")
    if wants_json(as_json):
        show_json(answer)
    else:
        console().print(f"schedule [bold]{escape(name)}[/] is paused; 'gojinn cron resume' lets it run again")


@command.command("resume")
@click.argument("name")
@config_option
@address_option
@json_option
def resume(name: str, config: Path, address: str | None, as_json: bool) -> None:
    """Let the paused schedule NAME run again, from its next time on."""
    answer = order(config, address, name, "resume")
    if wants_json(as_json):
        show_json(answer)
    else:
        console().print(f"schedule [bold]{escape(name)}[/] runs again: {moment(answer['next'])}")
