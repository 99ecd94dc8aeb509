"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

Command = TypeVar("Command", bound=Callable[..., Any])

config_option: Callable[[Command], Command] = click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    default="Caddyfile",
    show_default=True,
    help="The Caddyfile, or the folder it is in.",
)

json_option: Callable[[Command], Command] = click.option(
    "--json", "as_json", is_flag=True, help="Print JSON, also on a terminal."
)


def caddyfile(given: Path) -> Path:
    """Returns the file that `--config` means."""
    return given / "Caddyfile" if given.is_dir() else given
