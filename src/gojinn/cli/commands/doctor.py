"""`gojinn doctor`. What is looked at, and what is made of it, is in `diagnostics`."""

from __future__ import annotations

from pathlib import Path

import rich_click as click

from gojinn.app import GRAMMAR
from gojinn.cli.diagnostics import Finding, Level, checks
from gojinn.cli.options import caddyfile, config_option, json_option
from gojinn.cli.screen import console, show_json, wants_json
from gojinn.config.load import load_config
from gojinn.edge.listeners import listeners

MARKS = {Level.OK: "[green]✓[/]", Level.NOTE: "[yellow]![/]", Level.BAD: "[red]✗[/]"}


@click.command("doctor")
@config_option
@json_option
@click.pass_context
def command(ctx: click.Context, config: Path, as_json: bool) -> None:
    """Check this machine: compilers, limits, folders, ports.

    Looks at everything that Gojinn needs or could use here, and says what to do where something is missing.
    With a Caddyfile in the folder its ports are looked at too. The exit code is 1 when something is wrong;
    what is marked with '!' only matters to some.

    \b
    Examples:
      gojinn doctor
      gojinn doctor --json | jq '.[] | select(.level != "ok")'
    """
    quiet = wants_json(as_json)
    findings = []
    for check in checks(addresses(caddyfile(config))):
        findings.append(check())
        if not quiet:
            show(findings[-1])
    if quiet:
        show_json(findings)
    if any(finding.level is Level.BAD for finding in findings):
        ctx.exit(1)


def addresses(path: Path) -> list[tuple[str, int]]:
    """Reads where a Caddyfile wants to listen; a missing one wants nothing."""
    if not path.exists():
        return []
    return [(key.host, key.port) for key in listeners(load_config(str(path), GRAMMAR))]


def show(finding: Finding) -> None:
    """Prints one finding, with what to do."""
    out = console()
    out.print(f"{MARKS[finding.level]} {finding.name:14}", end=" ")
    out.print(finding.text, markup=False)
    if finding.hint:
        out.print(f"{'':17}{finding.hint}", style="cyan", markup=False)
