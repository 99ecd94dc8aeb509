"""`gojinn adapt`. The JSON is the configuration's own export; secrets are masked there."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.app import GRAMMAR
from gojinn.cli.options import config_option, existing_caddyfile
from gojinn.config.export import to_json
from gojinn.config.load import load_config


@click.command("adapt")
@config_option
def command(config: Path) -> None:
    """Show what a Caddyfile means, as JSON.

    Prints the typed configuration: imports resolved, routes in the order in which they run, every default
    filled in. Secrets show as '***'. No module is read.

    \b
    Examples:
      gojinn adapt | jq '.sites[].addresses'
    """
    click.echo(to_json(load_config(str(existing_caddyfile(config)), GRAMMAR)))
