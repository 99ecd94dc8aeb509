"""`gojinn reload`. What a reload is, is the server's business."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import rich_click as click
from rich.markup import escape

from gojinn.cli.admin import Admin, path_of
from gojinn.cli.options import address_option, config_option
from gojinn.cli.screen import console
from gojinn.errors import GojinnError


@click.command("reload")
@config_option
@address_option
@click.option("--all", "everywhere", is_flag=True, help="On every node that shares the NATS.")
def command(config: Path, address: str | None, everywhere: bool) -> None:
    """Make a running server take its Caddyfile anew.

    All workers change over or none does: when the file is wrong, the old configuration goes on serving, the
    reason is shown and the exit code is 1. Requests in flight finish on the configuration they started with.
    With --all every node takes its own Caddyfile anew.

    \b
    Examples:
      gojinn reload
      gojinn reload --address localhost:2020
      gojinn reload --all
    """
    admin = Admin(config, address)
    if everywhere:
        show_nodes(admin.ask("POST", path_of("reload"), {"all": True})["nodes"])
        return
    done = admin.ask("POST", path_of("reload"))
    what = "reloaded" if done.get("changed", True) else "nothing has changed"
    console().print(f"[green]✓[/] {what} [dim](generation {done.get('generation')})[/]")


def show_nodes(answers: list[dict[str, Any]]) -> None:
    """Prints how each node took it. Raises GojinnError when one of them did not."""
    failed = [each for each in answers if "error" in each]
    for each in answers:
        name = each.get("name") or each["node"]
        if "error" in each:
            console().print(f"[red]✗[/] {escape(name)}: {escape(each['error'])}")
        else:
            console().print(f"[green]✓[/] {escape(name)} [dim](generation {each['ok']['generation']})[/]")
    if failed:
        raise GojinnError(f"{len(failed)} of {len(answers)} nodes did not reload")
