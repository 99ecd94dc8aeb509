"""`gojinn dlq`: jobs that have failed for good. They are the server's; here they become tables."""

from __future__ import annotations

import rich_click as click

from gojinn.cli.admin import Admin, Answer, asking, path_of
from gojinn.cli.jobs import (
    SHOWN,
    limit_option,
    queue_option,
    show_record,
    show_records,
    tenant_option,
)
from gojinn.cli.screen import console, plain
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
@asking
def list_letters(queue: str | None, tenant: str | None, limit: int, admin: Admin) -> None:
    """List dead letters, the newest job first."""
    path = path_of("dlq", queue=queue, tenant=tenant, limit=limit)
    admin.show(admin.ask("GET", path), lambda answer: show_records(answer["letters"], "no dead letters"))


@command.command("show")
@click.argument("job")
@tenant_option
@asking
def show(job: str, tenant: str | None, admin: Admin) -> None:
    """Show the dead letter of JOB: why it failed, its log and its payload."""
    admin.show(admin.ask("GET", path_of("dlq", job, tenant=tenant)), show_letter)


def show_letter(letter: Answer) -> None:
    """Prints a dead letter with the beginning of its payload."""
    show_record(letter)
    payload = letter["payload"]
    console().print(plain(payload.get("body", payload.get("raw", ""))[:SHOWN]))


@command.command("replay")
@click.argument("job", required=False)
@all_option
@queue_option
@tenant_option
@asking
def replay(
    job: str | None,
    everything: bool,
    queue: str | None,
    tenant: str | None,
    admin: Admin,
) -> None:
    """Try JOB again from its first attempt on, or '--all'."""
    path = path_of("dlq", *which(job, everything, queue), "replay", queue=queue, tenant=tenant)
    answer = admin.ask("POST", path)
    admin.show(answer, lambda done: console().print(f"tried again: {done['replayed']}"))


@command.command("purge")
@click.argument("job", required=False)
@all_option
@queue_option
@tenant_option
@asking
def purge(
    job: str | None,
    everything: bool,
    queue: str | None,
    tenant: str | None,
    admin: Admin,
) -> None:
    """Throw the dead letter of JOB away, or '--all'."""
    path = path_of("dlq", *which(job, everything, queue), queue=queue, tenant=tenant)
    answer = admin.ask("DELETE", path)
    admin.show(answer, lambda done: console().print(f"thrown away: {done['purged']}"))


def which(job: str | None, everything: bool, queue: str | None) -> tuple[str, ...]:
    """The parts of the path that say which. Raises UsageError when it is not clear."""
    if (job is None) != everything or (job is not None and queue is not None):
        raise UsageError("it is not clear which: expected a job, or '--all' with or without '--queue'")
    return () if job is None else (job,)
