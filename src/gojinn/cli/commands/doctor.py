"""`gojinn doctor`. What is looked at, and what is made of it, is in `diagnostics`."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from gojinn.app import GRAMMAR
from gojinn.build.languages import language, names
from gojinn.cli.diagnostics import Finding, Level, check_address, checks, checks_of
from gojinn.cli.options import caddyfile, config_option, json_option
from gojinn.cli.screen import console, show_json, wants_json
from gojinn.config.load import load_config
from gojinn.edge.listeners import listeners
from gojinn.errors import ConfigError

MARKS = {Level.OK: "[green]✓[/]", Level.NOTE: "[yellow]![/]", Level.BAD: "[red]✗[/]"}


@click.command("doctor")
@config_option
@click.option("--lang", "-l", type=click.Choice(names()), help="Look at one language only.")
@json_option
@click.pass_context
def command(ctx: click.Context, config: Path, lang: str | None, as_json: bool) -> None:
    """Check this machine: compilers, limits, folders, ports.

    Looks at everything that Gojinn needs or could use here, and says what to do where something is missing.
    With a Caddyfile in the folder its ports are looked at too. The exit code is 1 when something is wrong;
    what is marked with '!' only matters to some.

    \b
    Examples:
      gojinn doctor
      gojinn doctor --lang rust
      gojinn doctor --json | jq '.[] | select(.level != "ok")'
    """
    quiet = wants_json(as_json)
    findings = []
    for finding in findings_of(caddyfile(config), lang):
        findings.append(finding)
        if not quiet:
            show(finding)
    if quiet:
        show_json(findings)
    if any(finding.level is Level.BAD for finding in findings):
        ctx.exit(1)


def findings_of(path: Path, lang: str | None) -> Iterator[Finding]:
    """Yields what is found of the machine, then of the Caddyfile where there is one; or of one language."""
    if lang is not None:
        yield from (check() for check in checks_of(language(lang)))
        return
    for check in checks():
        yield check()
    if not path.exists():
        return
    try:
        config = load_config(str(path), GRAMMAR)
    except ConfigError as error:
        yield Finding("Caddyfile", Level.BAD, str(error), "run 'gojinn validate'")
        return
    for key in listeners(config):
        yield check_address(key.host, key.port)


def show(finding: Finding) -> None:
    """Prints one finding, with what to do."""
    out = console()
    out.print(f"{MARKS[finding.level]} {finding.name:14}", end=" ")
    out.print(finding.text, markup=False)
    if finding.hint:
        out.print(f"{'':17}{finding.hint}", style="cyan", markup=False)
