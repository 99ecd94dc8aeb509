"""`gojinn runtime`. Where images lie and what makes them sound is the build package's."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.build.runtimes import Runtime, install, locate, places, runtimes
from gojinn.cli.screen import console, show_json, show_table, size, wants_json


@click.group("runtime")
def command() -> None:
    """Look after the interpreters that functions in JavaScript and TypeScript are made with.

    \b
    Examples:
      gojinn runtime list
      gojinn runtime verify
      gojinn runtime install javascript.wasm
    """


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, also on a terminal.")
def list_command(as_json: bool) -> None:
    """List the runtimes of this release, with what is in them and where they are."""
    rows = [facts(each) for each in runtimes()]
    if wants_json(as_json):
        show_json(rows)
        return
    table = ([row["name"], row["version"], row["sha256"][:12], row["size"], row["file"]] for row in rows)
    show_table(("name", "version", "sha256", "size", "file"), table)


def facts(each: Runtime) -> dict[str, str]:
    """What is listed of a runtime."""
    path = locate(each)
    where = {
        "file": str(path) if path else "not installed",
        "size": size(path.stat().st_size) if path else "",
    }
    return {"name": each.name, "version": each.version, "sha256": each.sha256, **where}


@command.command("install")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
def install_command(source: Path) -> None:
    """Install images from a file or a folder, without a network.

    Only images that this release knows by their hash are taken.
    """
    for each in install(source):
        console().print(f"[green]✓[/] {each.name} ({each.version}) → {locate(each)}")


@command.command("verify")
@click.pass_context
def verify_command(ctx: click.Context) -> None:
    """Check the hashes of all images that are there; the exit code is 1 when one is missing or another."""
    for each in runtimes():
        sound = locate(each)
        damaged = [path for path in places(each) if path.exists() and path != sound]
        for path in damaged:
            console().print(f"[red]✗[/] {each.name}: '{path}' is not the image of this release")
        if sound:
            console().print(f"[green]✓[/] {each.name}: {sound}")
        elif not damaged:
            console().print(f"[red]✗[/] {each.name} is not installed")
        if damaged or not sound:
            ctx.exit(1)
