"""The `gojinn` command: its commands, each loaded as it runs. Errors become text and exit codes here."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import NoReturn

import rich_click as click

from gojinn import __version__
from gojinn.errors import GojinnError

PANELS: dict[str, dict[str, str]] = {
    "Write a function": {
        "init": "Start a new function: source, manifest and Caddyfile.",
        "build": "Compile functions to WebAssembly.",
        "invoke": "Run a module once, without a server.",
        "runtime": "Look after the interpreters that functions in JavaScript, Lua and others are made with.",
    },
    "Serve": {
        "up": "Serve a Caddyfile's sites and functions.",
        "reload": "Make a running server take its Caddyfile anew.",
        "status": "Show what a running server is doing.",
    },
    "State": {
        "jobs": "Look at background jobs, and call them off.",
        "dlq": "Deal with jobs that have failed for good.",
        "kv": "Read and write the keys of functions.",
        "cron": "Show schedules, pause them, run one now.",
        "db": "Look into the SQLite databases of tenants, shrink and copy them.",
        "blob": "List, read and write the objects of tenants.",
    },
    "Caddyfile": {
        "validate": "Check a Caddyfile without serving it.",
        "fmt": "Format a Caddyfile.",
        "adapt": "Show what a Caddyfile means, as JSON.",
        "explain": "Show what functions may do, and by which line of the Caddyfile.",
    },
    "Look closer": {
        "doctor": "Check this machine: compilers, limits, folders, ports.",
        "bench": "Load an address or a module and report figures.",
        "version": "Show the versions of Gojinn and its engine.",
    },
}
"""Panel → command → first line of its help: what `gojinn --help` shows without loading any command."""

TUTORIAL = """\
[bold]First steps[/]

  [cyan]gojinn init hello --lang c[/]          [dim]or go, js, rust, ts, zig[/]
  [cyan]cd hello[/]
  [cyan]gojinn build[/]                        [dim]compiles it to build/hello.wasm[/]
  [cyan]gojinn invoke build/hello.wasm -d '{"name": "Ada"}'[/]
  [cyan]gojinn up --watch[/]                   [dim]serves it; every save is live at once[/]
  [cyan]curl localhost:8080 -d '{"name": "Ada"}'[/]

[bold]Next[/]

  [cyan]gojinn <command> --help[/]             [dim]explains a command, with examples[/]
  [cyan]gojinn doctor[/]                       [dim]checks this machine[/]

[dim]Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 bad configuration, 4 could not start.[/]
"""

SETTINGS = {
    "help_option_names": ["-h", "--help"],
    "rich_help_config": {
        "text_markup": "rich",
        "theme": "default-nu",
        "max_width": 100,
        "command_groups": {
            "gojinn": [{"name": title, "commands": list(commands)} for title, commands in PANELS.items()]
        },
    },
}


class Family(click.RichGroup):
    """A group whose members are imported only when they run."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Replaces the placeholder that is listed by the command itself."""
        name, placeholder, rest = super().resolve_command(ctx, args)
        return name, load(name) if name and placeholder else None, rest

    def format_epilog(self, ctx: click.RichContext, formatter: click.RichHelpFormatter) -> None:  # type: ignore[override]
        """Prints the epilog as it stands; paragraphs would be wrapped otherwise."""
        from rich.padding import Padding
        from rich.text import Text

        if self.epilog:
            formatter.write(Padding(Text.from_markup(self.epilog), (0, 1)))


def load(name: str) -> click.Command:
    """Imports a command's module."""
    command = import_module(f"gojinn.cli.commands.{name}").command
    assert isinstance(command, click.Command)
    members = command.commands.values() if isinstance(command, click.Group) else ()
    for each in (command, *members):
        each.context_settings = SETTINGS
    return command


def placeholders() -> list[click.Command]:
    """Makes what stands for the commands in the listing."""
    return [
        click.RichCommand(name=name, help=summary)
        for panel in PANELS.values()
        for name, summary in panel.items()
    ]


@click.group(cls=Family, commands=placeholders(), context_settings=SETTINGS, epilog=TUTORIAL)
@click.version_option(__version__, "-V", "--version", message="gojinn %(version)s")
def gojinn() -> None:
    """Serves WebAssembly functions over HTTP from a Caddyfile, a fresh sandbox for every request."""


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Runs the command line; ends the process with the exit code that the error tree assigns."""
    hold_standard_streams()
    try:
        gojinn(args, prog_name="gojinn")
    except GojinnError as error:
        from gojinn.cli.screen import show_error

        show_error(error)
        sys.exit(error.exit_code)
    except OSError as error:
        from gojinn.cli.screen import show_error

        where = f"'{error.filename}': " if error.filename else ""
        show_error(GojinnError(f"{where}{(error.strerror or str(error)).lower()}"))
        sys.exit(GojinnError.exit_code)
    raise AssertionError("click ends the process")


def hold_standard_streams() -> None:
    """Opens those that the caller closed, on nothing. The next file opened would else become one of them, and
    the event loop aborts a process that closes a file of such a number."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            stream = open(os.devnull, mode)  # noqa: SIM115 - it takes the lowest number, and stays
            os.set_inheritable(stream.fileno(), True)
            setattr(sys, name, stream)
