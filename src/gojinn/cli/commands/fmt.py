"""`gojinn fmt`. What a formatted Caddyfile looks like is the formatter's business."""

from __future__ import annotations

import os
import sys
from difflib import unified_diff
from pathlib import Path

import rich_click as click

from gojinn.caddyfile.formatter import format_text
from gojinn.cli.options import caddyfile
from gojinn.errors import ConfigError, NotFound


@click.command("fmt")
@click.argument("file", default="Caddyfile", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--overwrite", "-w", is_flag=True, help="Write the file instead of printing it.")
@click.option("--diff", "-d", is_flag=True, help="Print what would change; exit code 1 when something would.")
@click.pass_context
def command(ctx: click.Context, file: Path, overwrite: bool, diff: bool) -> None:
    """Format a Caddyfile.

    Indents with tabs and settles the spaces; what the file means stays the same. '-' reads standard input.

    \b
    Examples:
      gojinn fmt --overwrite
      gojinn fmt --diff sites/Caddyfile
      gojinn fmt - < Caddyfile
    """
    path = None if str(file) == "-" else caddyfile(file)
    if path is None and overwrite:
        raise click.UsageError("standard input cannot be overwritten")
    text = read(path)
    formatted = format_text(text, str(path or "standard input"))
    if diff:
        changes = unified_diff(text.splitlines(), formatted.splitlines(), str(file), "formatted", lineterm="")
        click.echo("".join(f"{line}\n" for line in changes), nl=False)
        ctx.exit(int(text != formatted))
    if path is None or not overwrite:
        click.echo(formatted, nl=False)
    elif text != formatted:
        replace(path, formatted)


def read(path: Path | None) -> str:
    """Reads a file, or standard input. Raises NotFound, or ConfigError when it is not text."""
    try:
        data = sys.stdin.buffer.read() if path is None else path.read_bytes()
    except OSError as error:
        raise NotFound(f"reading '{path}': {(error.strerror or str(error)).lower()}") from error
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise ConfigError(f"'{path or 'standard input'}' is not valid UTF-8") from error


def replace(path: Path, text: str) -> None:
    """Writes a file whole, keeping its mode; a symbolic link is followed."""
    target = path.resolve()
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    scratch.write_text(text, encoding="utf-8")
    scratch.chmod(target.stat().st_mode & 0o7777)
    scratch.replace(target)
