"""`gojinn cron`. The schedules are the server's; here they become a table and orders."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import rich_click as click

from gojinn.cli.admin import Admin, Answer, asking, path_of
from gojinn.cli.screen import console, duration, plain, show_table

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
@asking
def listing(admin: Admin) -> None:
    """List the schedules of a running server, the next one first."""
    admin.show(admin.ask("GET", path_of("cron")), show_schedules)


def show_schedules(answer: Answer) -> None:
    """Prints the schedules as a table."""
    if not answer["schedules"]:
        console().print("no schedules; add 'cron <schedule> <module.wasm>' to the Caddyfile", style="dim")
    else:
        head = ("schedule", "due", "function", "last", "next")
        show_table(head, [tuple(map(plain, row(each))) for each in answer["schedules"]])


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


@command.command("run")
@click.argument("name")
@asking
def run(name: str, admin: Admin) -> None:
    """Run the function of schedule NAME now, beside what it does by itself."""
    order(admin, name, "run", lambda done: f"queued as job [bold]{plain(done['job'])}[/]")


@command.command("pause")
@click.argument("name")
@asking
def pause(name: str, admin: Admin) -> None:
    """Keep schedule NAME from running until it is resumed, through restarts and reloads."""
    said = f"schedule [bold]{plain(name)}[/] is paused; 'gojinn cron resume' lets it run again"
    order(admin, name, "pause", lambda _: said)


@command.command("resume")
@click.argument("name")
@asking
def resume(name: str, admin: Admin) -> None:
    """Let the paused schedule NAME run again, from its next time on."""
    said = f"schedule [bold]{plain(name)}[/] runs again: "
    order(admin, name, "resume", lambda done: said + moment(done["next"]))


def order(admin: Admin, name: str, what: str, said: Callable[[Answer], str]) -> None:
    """Has the server do something with a schedule, and tells that it did."""
    answer = admin.ask("POST", path_of("cron", name, what))
    admin.show(answer, lambda done: console().print(said(done)))
