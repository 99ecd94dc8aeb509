"""`gojinn init`. The templates are read and filled in `scaffold`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.build.languages import language, names
from gojinn.build.project import SCRATCH
from gojinn.build.sdk import lend
from gojinn.cli.scaffold import KINDS, scaffold
from gojinn.cli.screen import console


@click.command("init")
@click.argument("name", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--lang", "-l", type=click.Choice(names()), default="c", show_default=True, help="What it is written in."
)
@click.option(
    "--template",
    "-t",
    type=click.Choice(tuple(KINDS)),
    default="http",
    show_default=True,
    help="What it is to do.",
)
def command(name: Path, lang: str, template: str) -> None:
    """Start a new function: source, manifest and Caddyfile.

    Makes the folder NAME with a small function to start from. Nothing is overwritten.

    \b
    Examples:
      gojinn init hello --lang go
      gojinn init services/resize --lang rust
      gojinn init mailer --lang go --template queue
    """
    spoken = language(lang)
    files = scaffold(name.resolve(), spoken, template)
    lend(name.resolve() / SCRATCH, spoken.sdks)
    out = console()
    out.print(
        f"[green]✓[/] {name}/ holds a function in {spoken.title}: {', '.join(file.name for file in files)}"
    )
    if spoken.find(name.resolve()) is None:
        out.print(f"[yellow]![/] no compiler for {spoken.title} yet: {spoken.install}")
    out.print(f"\nNext:\n  [cyan]cd {name}[/]\n  [cyan]gojinn build[/]\n  [cyan]gojinn up --watch[/]")
