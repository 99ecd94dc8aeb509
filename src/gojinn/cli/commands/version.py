"""`gojinn version`. What is installed otherwise is `doctor`'s."""

from __future__ import annotations

import platform
from importlib.metadata import version

import rich_click as click

from gojinn import __version__
from gojinn.cli.screen import show_json
from gojinn.engine.library import LIBRARY


@click.command("version")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(as_json: bool) -> None:
    """Show the versions of Gojinn and its engine.

    In a script, `gojinn --version` is the quicker one.
    """
    versions = {
        "gojinn": __version__,
        "engine": f"wasmtime {version('wasmtime')}, {'native' if LIBRARY.exists() else 'pure Python'} core",
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}".lower(),
    }
    if as_json:
        show_json(versions)
    else:
        for name, value in versions.items():
            click.echo(f"{name:9} {value}")
