"""The page of commands."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import click
from docs.generator.markdown import block, code, table

from gojinn.cli.main import PANELS, load

HEAD = """\
# Commands

`gojinn --help` lists the commands, `gojinn <command> --help` explains one.

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 bad configuration, 4 could not start. Output is coloured on a
terminal (not with `NO_COLOR`), and commands that show data print JSON in a pipe.
"""


def page() -> str:
    """Makes the page."""
    parts = [HEAD]
    for title, commands in PANELS.items():
        parts.append(f"## {title}\n")
        for name in commands:
            parts += section(name, load(name))
    return "\n".join(parts)


def section(name: str, command: click.Command) -> Iterator[str]:
    """Yields what is said of one command, and of those of its own."""
    yield f"{'#' * (3 + name.count(' '))} gojinn {name}\n"
    context = click.Context(command, info_name=f"gojinn {name}")
    yield block(" ".join([f"gojinn {name}", *command.collect_usage_pieces(context)]))
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield example(paragraph) if paragraph.startswith("\b") else paragraph + "\n"
    rows = [row(option) for option in command.params if isinstance(option, click.Option)]
    text = table(("option", "default", "meaning"), rows)
    if text:
        yield text
    if isinstance(command, click.Group):
        for own, member in command.commands.items():
            yield from section(f"{name} {own}", member)


def example(paragraph: str) -> str:
    """Shows the paragraph of examples, whose lines click keeps as they are."""
    title, *lines = paragraph.removeprefix("\b").strip().splitlines()
    return f"{title}\n\n" + block("\n".join(line.strip() for line in lines), "sh")


def row(option: click.Option) -> tuple[str, str, str]:
    """Shows one option."""
    words = ", ".join((*option.opts, *option.secondary_opts))
    given = "" if option.is_flag else f" {option.make_metavar(click.Context(click.Command('')))}"
    default = option.default if option.show_default else ""
    return code(words + given), code(str(default)) if default else "", option.help or ""
