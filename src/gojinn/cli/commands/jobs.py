"""`gojinn jobs`. The jobs are the server's; here they become tables."""

from __future__ import annotations

import rich_click as click

from gojinn.cli.admin import Admin, asking, path_of
from gojinn.cli.jobs import limit_option, queue_option, show_record, show_records, tenant_option


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
@asking
def list_jobs(
    state: str | None,
    queue: str | None,
    tenant: str | None,
    limit: int,
    admin: Admin,
) -> None:
    """List jobs, the newest first."""
    path = path_of("jobs", state=state, queue=queue, tenant=tenant, limit=limit)
    admin.show(admin.ask("GET", path), lambda answer: show_records(answer["jobs"], "no jobs"))


@command.command("show")
@click.argument("job")
@tenant_option
@asking
def show(job: str, tenant: str | None, admin: Admin) -> None:
    """Show all that is known of JOB: its state, its answer and its log."""
    admin.show(admin.ask("GET", path_of("jobs", job, tenant=tenant)), show_record)


@command.command("cancel")
@click.argument("job")
@tenant_option
@asking
def cancel(job: str, tenant: str | None, admin: Admin) -> None:
    """Call JOB off, whether it waits or runs."""
    path = path_of("jobs", job, "cancel", tenant=tenant)
    admin.show(admin.ask("POST", path), show_record)
