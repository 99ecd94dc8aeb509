"""`gojinn validate`. What is checked is the loader's: exactly what a start or a reload would check."""

from __future__ import annotations

import asyncio
from pathlib import Path

import rich_click as click

from gojinn.cli.options import config_option, existing_caddyfile
from gojinn.cli.progress import compiling
from gojinn.cli.screen import console
from gojinn.process.loader import Loader


@click.command("validate")
@config_option
def command(config: Path) -> None:
    """Check a Caddyfile without serving it.

    Does everything that a start does before it opens a port: reads the file and its imports, looks for the
    files that it names, compiles the modules and checks what they import. All mistakes are shown at once; the
    exit code is 3 when there is one.

    \b
    Examples:
      gojinn validate
      gojinn validate --config sites/Caddyfile
    """
    path = existing_caddyfile(config)
    with compiling() as progress:
        release = asyncio.run(Loader(path, progress).load(path))
    sites, functions = len(release.config.sites), len(release.modules.compiled)
    facts = f"{sites} site{'s' * (sites != 1)}, {functions} module{'s' * (functions != 1)}"
    console().print(f"[green]✓[/] {path} is valid [dim]({facts})[/]")
