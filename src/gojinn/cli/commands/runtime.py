"""`gojinn runtime`. Where images lie and what makes them sound is the build package's."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.build.assembly import RECIPES, obtain
from gojinn.build.runtimes import (
    Runtime,
    assembled,
    install,
    installed,
    locate,
    places,
    prune,
    runtime,
    runtimes,
)
from gojinn.cli.screen import console, show_json, show_table, size, wants_json


@click.group("runtime")
def command() -> None:
    """Look after the interpreters that functions in JavaScript, Lua and others are made with.

    \b
    Examples:
      gojinn runtime list
      gojinn runtime verify
      gojinn runtime install javascript.wasm
      gojinn runtime prune
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
        "file": str(path) if path else absent(each),
        "size": size(path.stat().st_size) if path else "",
    }
    return {"name": each.name, "version": each.version, "sha256": each.sha256, **where}


def absent(each: Runtime) -> str:
    """What is said in place of a file."""
    return "put together by the first build" if each.assembled else "not installed"


@command.command("install")
@click.argument("source", type=click.Path(path_type=Path))
def install_command(source: Path) -> None:
    """Install images from a file or a folder, without a network; or one by name that is put together here.

    Only images that this release knows by their hash are taken.
    """
    if str(source) in RECIPES and not source.exists():
        wanted = runtime(str(source))
        obtain(wanted, lambda text: console().print(text))
        found = [wanted]
    elif source.exists():
        found = install(source)
    else:
        raise click.BadParameter(f"Path '{source}' does not exist.", param_hint="'SOURCE'")
    for each in found:
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
            console().print(f"[{'dim' if each.assembled else 'red'}]✗[/] {each.name} is {absent(each)}")
        if damaged or not (sound or each.assembled):
            ctx.exit(1)


@command.command("prune")
def prune_command() -> None:
    """Remove the images of other releases, which they install or put together again when they need them."""
    removed = prune(installed(), assembled())
    for path in removed:
        console().print(f"[green]✓[/] removed {path}")
    if not removed:
        console().print("there is none of another release")
