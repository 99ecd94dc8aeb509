"""`gojinn explain`. What is allowed is found out by `explanation`; here it becomes text."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import rich_click as click
from rich.markup import escape

from gojinn.cli.explanation import Explained, explain
from gojinn.cli.options import config_option, existing_caddyfile, json_option
from gojinn.cli.screen import console, show_json, show_table, wants_json
from gojinn.errors import NotFound


@click.command("explain")
@click.argument("wanted", metavar="[ROUTE|URL|MODULE]", default="")
@config_option
@json_option
def command(wanted: str, config: Path, as_json: bool) -> None:
    """Show what functions may do, and by which line of the Caddyfile.

    Without an argument all functions are explained; a path or an address picks those that may answer it, any
    other text those whose module has it in its name. What is not granted is listed with the line to add.
    Works without a server; values that may be secret are left out.

    \b
    Examples:
      gojinn explain
      gojinn explain /api/notes
      gojinn explain notes.wasm --json
    """
    found = explain(str(existing_caddyfile(config)), wanted)
    if not found:
        what = (
            f"no function answers '{wanted}', and none is called so" if wanted else "there are no functions"
        )
        raise NotFound(what, hint="look at 'gojinn explain' without an argument")
    if wants_json(as_json):
        show_json([dataclasses.asdict(each) for each in found])
        return
    for each in found:
        show(each)


def show(function: Explained) -> None:
    """Prints what one function may do."""
    out = console()
    out.print(f"[bold]{escape(function.name)}[/] [dim]{escape(function.place)}  {escape(function.module)}[/]")
    for route in function.routes:
        out.print(f"  runs for {escape(route)}")
    rows = [
        *(
            ("[green]may[/]", a.what, " ".join(a.names), a.place or "unless narrowed")
            for a in function.allowed
        ),
        *(("[red]may not[/]", f.what, "", f"add: {f.line}") for f in function.forbidden),
        *(imported(u.name, u.granted, u.line) for u in function.imports),
    ]
    show_table(("", "what", "which", "by"), [(mark, *map(escape, rest)) for mark, *rest in rows])
    if function.fault:
        out.print(f"  [yellow]{escape(function.fault)}[/]")
    out.print()


def imported(name: str, granted: bool, line: str) -> tuple[str, str, str, str]:
    """Makes the row of an import."""
    if granted:
        return "[green]imports[/]", name, "", ""
    return "[red]imports[/]", name, "not granted", f"add: {line}" if line else "unknown"
