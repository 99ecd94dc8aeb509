"""`gojinn init`. The templates are read and filled in `scaffold`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.build.languages import language, names
from gojinn.cli.scaffold import scaffold
from gojinn.cli.screen import console


@click.command("init")
@click.argument("name", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--lang", "-l", type=click.Choice(names()), default="c", show_default=True, help="What it is written in."
)
def command(name: Path, lang: str) -> None:
    """Start a new function: source, manifest and Caddyfile.

    Makes the folder NAME with a function that answers a greeting. Nothing is overwritten.

    \b
    Examples:
      gojinn init hello --lang go
      gojinn init services/resize --lang rust
    """
    spoken = language(lang)
    files = scaffold(name.resolve(), spoken)
    out = console()
    out.print(
        f"[green]✓[/] {name}/ holds a function in {spoken.title}: {', '.join(file.name for file in files)}"
    )
    if spoken.find(name.resolve()) is None:
        out.print(f"[yellow]![/] no compiler for {spoken.title} yet: {spoken.install}")
    out.print(f"\nNext:\n  [cyan]cd {name}[/]\n  [cyan]gojinn build[/]\n  [cyan]gojinn up --watch[/]")
