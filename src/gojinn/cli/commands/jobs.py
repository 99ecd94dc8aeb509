"""`gojinn jobs`. The jobs are the server's; here they become tables."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.cli.admin import ask, find_address
from gojinn.cli.jobs import asked, limit_option, named, queue_option, show_record, show_records, tenant_option
from gojinn.cli.options import address_option, config_option, json_option
from gojinn.cli.screen import show_json, wants_json


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
