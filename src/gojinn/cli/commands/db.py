"""`gojinn db`. What is in the files is found out by `capabilities.sql.inspection`; here it becomes tables."""

from __future__ import annotations

import os
from base64 import b64encode
from pathlib import Path
from typing import Any

import rich_click as click

from gojinn.app import GRAMMAR
from gojinn.cli.options import config_option, existing_caddyfile, json_option
from gojinn.cli.screen import console, plain, show_json, show_table, size, wants_json
from gojinn.config.load import load_config
from gojinn.config.node import agreed, filled
from gojinn.process.folders import data_folder

SHOWN = 60
"""Characters of a value that a table shows."""

name_argument = click.argument("database", metavar="TENANT[/NAME]|FILE")


@click.group("db")
def command() -> None:
    """Look into the SQLite databases of tenants, shrink and copy them.

    Reads the files in the data directory, with or without a running server. A database is named by its
    tenant, with `/name` unless it is `main`, or by the path of its file.

    \b
    Examples:
      gojinn db list
      gojinn db inspect alice
      gojinn db query alice/shop "select * from orders limit 10"
      gojinn db export alice backup.db
    """


def folder_of(config: Path) -> Path:
    """The folder of the tenants' databases of a Caddyfile's node. Raises ConfigError."""
    loaded = load_config(str(existing_caddyfile(config)), GRAMMAR)
    return data_folder(loaded, filled(agreed(loaded)[0], os.environ)) / "tenants"


def path_of(database: str, config: Path) -> Path:
    """The file of a database that was named."""
    given = Path(database)
    if given.suffix or given.is_absolute():
        return given
    tenant, _, name = database.partition("/")
    return folder_of(config) / tenant / f"{name or 'main'}.db"


@command.command("list")
@click.option("--tenant", "-t", help="Only those of this tenant.")
@config_option
@json_option
def listing(tenant: str | None, config: Path, as_json: bool) -> None:
    """List the databases of tenants."""
    from gojinn.capabilities.sql.inspection import databases

    found = databases(folder_of(config), tenant)
    if wants_json(as_json):
        facts = ({"tenant": f.tenant, "name": f.name, "size": f.size, "path": str(f.path)} for f in found)
        show_json(list(facts))
    elif not found:
        console().print("no databases", style="dim")
    else:
        show_table(
            ("tenant", "database", "size"), ((plain(f.tenant), plain(f.name), size(f.size)) for f in found)
        )


@command.command("inspect")
@name_argument
@config_option
@json_option
def inspect(database: str, config: Path, as_json: bool) -> None:
    """Show the tables of DATABASE with their rows, its migrations, and whether it is whole."""
    from gojinn.capabilities.sql import inspection

    facts = inspection.inspect(path_of(database, config))
    if wants_json(as_json):
        show_json(facts)
        return
    out = console()
    whole = "[green]whole[/]" if facts["check"] == "ok" else f"[red]{plain(facts['check'])}[/]"
    free = f", {size(facts['free'])} of it free" if facts["free"] else ""
    out.print(f"[bold]{plain(facts['path'])}[/]  {size(facts['size'])}{free}, {whole}")
    show_table(("table", "rows"), ((plain(t["name"]), f"{t['rows']:,}") for t in facts["tables"]))
    if facts["migrations"]:
        show_table(
            ("migration", "applied"), ((plain(m["name"]), plain(m["applied"])) for m in facts["migrations"])
        )


@command.command("query")
@name_argument
@click.argument("sql")
@config_option
@json_option
def query(database: str, sql: str, config: Path, as_json: bool) -> None:
    """Run SQL on DATABASE; it may only read."""
    from gojinn.capabilities.sql import inspection

    names, rows = inspection.query(path_of(database, config), sql)
    if wants_json(as_json):
        show_json([dict(zip(names, map(written, row), strict=True)) for row in rows])
    elif names:
        show_table(map(plain, names), ([shown(value) for value in row] for row in rows))


@command.command("vacuum")
@name_argument
@config_option
@json_option
def vacuum(database: str, config: Path, as_json: bool) -> None:
    """Give the free space of DATABASE back to the disk."""
    from gojinn.capabilities.sql import inspection

    before, after = inspection.vacuum(path_of(database, config))
    if wants_json(as_json):
        show_json({"before": before, "after": after})
    else:
        console().print(f"[green]✓[/] {size(before)} → {size(after)}")


@command.command("export")
@name_argument
@click.argument("target", type=click.Path(path_type=Path))
@config_option
@json_option
def export(database: str, target: Path, config: Path, as_json: bool) -> None:
    """Copy DATABASE, as it is at one moment, into the new file TARGET."""
    from gojinn.capabilities.sql import inspection

    count = inspection.export(path_of(database, config), target)
    if wants_json(as_json):
        show_json({"path": str(target), "size": count})
    else:
        console().print(f"[green]✓[/] {plain(str(target))} [dim]({size(count)})[/]")


def shown(value: object) -> str:
    """Shows a value in a cell."""
    if value is None:
        return "[dim]null[/]"
    text = str(written(value))
    return plain(text if len(text) <= SHOWN else text[:SHOWN] + "…")


def written(value: Any) -> Any:
    """Writes a value as JSON can hold it."""
    return b64encode(value).decode() if isinstance(value, bytes) else value
