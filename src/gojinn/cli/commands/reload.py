"""`gojinn reload`. What a reload is, is the server's business."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.cli.admin import ask, find_address
from gojinn.cli.options import address_option, config_option
from gojinn.cli.screen import console


@click.command("reload")
@config_option
@address_option
def command(config: Path, address: str | None) -> None:
    """Make a running server take its Caddyfile anew.

    All workers change over or none does: when the file is wrong, the old configuration goes on serving, the
    reason is shown and the exit code is 1. Requests in flight finish on the configuration they started with.

    \b
    Examples:
      gojinn reload
      gojinn reload --address localhost:2020
    """
    done = ask("POST", find_address(config, address), "/_sys/reload")
    what = "reloaded" if done.get("changed", True) else "nothing has changed"
    console().print(f"[green]✓[/] {what} [dim](generation {done.get('generation')})[/]")
