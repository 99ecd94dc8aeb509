"""How commands show things: colours on a terminal, plain text or JSON in a pipe. NO_COLOR is honoured."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import msgspec
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gojinn.errors import BuildError, ConfigError, GojinnError

NO_CONTROLS = {
    code: "\N{REPLACEMENT CHARACTER}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\t\n"
}
"""What stands for characters that a terminal might obey; one for one, so that carets still point right."""


def console(*, stderr: bool = False) -> Console:
    """Makes a console for standard output or standard error, without guessing at numbers and paths."""
    return Console(stderr=stderr, highlight=False, soft_wrap=True)


def plain(value: object) -> str:
    """Makes a text fit for markup; it steers no terminal."""
    return escape(str(value).translate(NO_CONTROLS))


def wants_json(asked: bool) -> bool:
    """Tells whether to print JSON: when asked to, and when nobody reads along."""
    return asked or not sys.stdout.isatty()


def show_json(value: Any) -> None:
    """Prints a value as JSON, one object a call."""
    text = msgspec.json.format(msgspec.json.encode(value, enc_hook=str), indent=2).decode()
    sys.stdout.write(text + "\n")


def show_json_line(value: Any) -> None:
    """Prints a value as JSON on one line, and does not wait for more to come."""
    sys.stdout.write(msgspec.json.encode(value).decode() + "\n")
    sys.stdout.flush()


def show_table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> None:
    """Prints a table without borders; cells may hold markup. The first column, by which a row is named, is
    never cut: people copy from it."""
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 3, 0, 0))
    cells = [tuple(row) for row in rows]
    names = max((Text.from_markup(row[0]).cell_len for row in cells if row), default=0)
    for number, column in enumerate(columns):
        table.add_column(column, min_width=None if number else names)
    for row in cells:
        table.add_row(*row)
    console().print(table)


def show_error(error: GojinnError) -> None:
    """Prints an error with its place, source line and hint to standard error."""
    out = console(stderr=True)
    text = report(error)
    if not out.is_terminal:
        sys.stderr.write(text + "\n")
        return
    for line in text.splitlines():
        out.print(styled(line))


def report(error: GojinnError) -> str:
    """Makes the whole text of an error. What it quotes, such as a name in a module, steers no terminal."""
    if isinstance(error, ConfigError):
        text = f"error: {error.render()}"
    else:
        said = f"{error.output}\n" if isinstance(error, BuildError) and error.output else ""
        hint = f"\n  hint: {error.hint}" if error.hint else ""
        text = f"{said}error: {error.message}{hint}"
    return text.translate(NO_CONTROLS)


def styled(line: str) -> Text:
    """Colours a line of a report by what it starts with."""
    text = Text(line)
    if line.startswith("error: "):
        text.stylize("bold red", 0, 6)
        text.stylize("bold", 7)
    elif line.startswith("  hint: "):
        text.stylize("cyan")
    elif line.endswith("^") and line.strip(" \t|^") == "":
        text.stylize("bold red")
    return text


def size(count: int) -> str:
    """Shows a number of bytes for people."""
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def duration(seconds: float) -> str:
    """Shows a time for people, in its two largest units."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    for unit, name, part, short in ((86_400, "d", 3600, "h"), (3600, "h", 60, "min"), (60, "min", 1, "s")):
        if seconds >= unit:
            return f"{seconds // unit:.0f} {name} {seconds % unit // part:.0f} {short}"
    raise AssertionError("at least a minute")
