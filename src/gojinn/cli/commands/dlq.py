"""`gojinn dlq`: jobs that have failed for good. They are the server's; here they become tables."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.cli.admin import ask, find_address
from gojinn.cli.jobs import (
    SHOWN,
    asked,
    limit_option,
    named,
    plain,
    queue_option,
    show_record,
    show_records,
    tenant_option,
)
from gojinn.cli.options import address_option, config_option, json_option
from gojinn.cli.screen import console, show_json, wants_json
from gojinn.errors import UsageError

all_option = click.option("--all", "everything", is_flag=True, help="All of them, or all of a queue.")


@click.group("dlq")
def command() -> None:
    """Deal with jobs that have failed for good.

    They lie in the dead-letter queue with their log and their whole job, until they are tried again or thrown
    away. Asks the admin listener of a running server.

    \b
    Examples:
      gojinn dlq list
      gojinn dlq show 1a20efef1b5-5f20f47c6309
      gojinn dlq replay 1a20efef1b5-5f20f47c6309
      gojinn dlq purge --all --queue emails
    """


@command.command("list")
@queue_option
@tenant_option
@limit_option
@config_option
@address_option
@json_option
def list_letters(
    queue: str | None, tenant: str | None, limit: int, config: Path, address: str | None, as_json: bool
) -> None:
    """List dead letters, the newest job first."""
    path = asked("/_sys/dlq", queue=queue, tenant=tenant, limit=limit)
    answer = ask("GET", find_address(config, address), path)
    if wants_json(as_json):
        show_json(answer)
    else:
        show_records(answer["letters"], "no dead letters")


@command.command("show")
@click.argument("job")
@tenant_option
@config_option
@address_option
@json_option
def show(job: str, tenant: str | None, config: Path, address: str | None, as_json: bool) -> None:
    """Show the dead letter of JOB: why it failed, its log and its payload."""
    letter = ask("GET", find_address(config, address), asked(f"/_sys/dlq/{named(job)}", tenant=tenant))
    if wants_json(as_json):
        show_json(letter)
        return
    show_record(letter)
    payload = letter["payload"]
    console().print(plain(payload.get("body", payload.get("raw", ""))[:SHOWN]))


@command.command("replay")
@click.argument("job", required=False)
@all_option
@queue_option
@tenant_option
@config_option
@address_option
@json_option
def replay(
    job: str | None,
    everything: bool,
    queue: str | None,
    tenant: str | None,
    config: Path,
    address: str | None,
    as_json: bool,
) -> None:
    """Try JOB again from its first attempt on, or '--all'."""
    chosen = which(job, everything, queue)
    path = asked(f"/_sys/dlq{chosen}/replay", queue=queue, tenant=tenant)
    answer = ask("POST", find_address(config, address), path)
    if wants_json(as_json):
        show_json(answer)
    else:
        console().print(f"tried again: {answer['replayed']}")


@command.command("purge")
@click.argument("job", required=False)
@all_option
@queue_option
@tenant_option
@config_option
@address_option
@json_option
def purge(
    job: str | None,
    everything: bool,
    queue: str | None,
    tenant: str | None,
    config: Path,
    address: str | None,
    as_json: bool,
) -> None:
    """Throw the dead letter of JOB away, or '--all'."""
    path = asked(f"/_sys/dlq{which(job, everything, queue)}", queue=queue, tenant=tenant)
    answer = ask("DELETE", find_address(config, address), path)
    if wants_json(as_json):
        show_json(answer)
    else:
        console().print(f"thrown away: {answer['purged']}")


def which(job: str | None, everything: bool, queue: str | None) -> str:
    """The part of the path that says which. Raises UsageError when it is not clear."""
    if (job is None) != everything or (job is not None and queue is not None):
        raise UsageError("it is not clear which: expected a job, or '--all' with or without '--queue'")
    return "" if job is None else f"/{named(job)}"
