"""Options and kinds of values that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

from gojinn.config.units import BadValue, parse_duration
from gojinn.engine.limits import Mount
from gojinn.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])


class Parsed(click.ParamType[Any]):
    """A value that one of the configuration's own parsers reads, such as a duration or a size."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self.parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Reads a text; a default is taken as it is."""
        if not isinstance(value, str):
            return value
        try:
            return self.parse(value)
        except BadValue as bad:
            self.fail(str(bad), param, ctx)


def parse_variable(text: str) -> tuple[str, str]:
    """Reads `NAME=value`."""
    name, equals, value = text.partition("=")
    if not name or not equals or "\0" in text:
        raise BadValue(text, "'NAME=value'")
    return name, value


def parse_mount(text: str) -> Mount:
    """Reads `host::guest[::ro]`; without `::` the guest sees the folder under the same name."""
    host, *rest = text.split("::")
    guest = rest[0] if rest else host
    if not host or not guest or len(rest) > 2 or rest[1:] not in ([], ["ro"]):
        raise BadValue(text, "'host::guest' or 'host::guest::ro'")
    if not Path(host).is_dir():
        raise BadValue(text, f"a folder, and '{host}' is none")
    return Mount(str(Path(host).resolve()), guest, bool(rest[1:]))


def parse_header(text: str) -> tuple[str, str]:
    """Reads `Name: value`."""
    name, colon, value = text.partition(":")
    if not name.strip() or not colon or "\n" in text or "\r" in text:
        raise BadValue(text, "'Name: value'")
    return name.strip(), value.strip()


DURATION = Parsed("duration", parse_duration)
HEADER = Parsed("name: value", parse_header)

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


address_option: Callable[[Command], Command] = click.option(
    "--address", "-a", help="The admin listener; without it as the Caddyfile says, else 127.0.0.1:2019."
)


def caddyfile(given: Path) -> Path:
    """Returns the file that `--config` means."""
    return given / "Caddyfile" if given.is_dir() else given


def existing_caddyfile(given: Path) -> Path:
    """Returns the file that `--config` means. Raises ConfigError when there is none."""
    path = caddyfile(given)
    if not path.exists():
        hint = "name one with --config, or run 'gojinn init <name>' to start a function that has one"
        raise ConfigError(f"no file '{path}'", hint=hint)
    return path
