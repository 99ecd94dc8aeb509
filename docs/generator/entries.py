"""Tables of options, as `gojinn.config.reference` collects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from docs.generator.markdown import code, table

from gojinn.config.reference import OptionEntry


def option_table(options: Iterable[OptionEntry]) -> str:
    """Shows options, those of a nested block below its own; empty when there are none."""
    return table(("option", "default", "meaning"), rows(options, ""))


def rows(options: Iterable[OptionEntry], outer: str) -> Iterator[tuple[str, str, str]]:
    """Yields a row for each option; `outer` are the blocks that it stands in."""
    for option in options:
        inside = f"{outer}{option.inside} / " if option.inside else outer
        repeats = " May stand several times." if option.repeat else ""
        yield code(f"{inside}{option.name} {option.form}".strip()), default(option), option.text + repeats
        yield from rows(option.options, f"{inside}{option.name} / ")


def default(option: OptionEntry) -> str:
    """Shows what holds without the option."""
    if option.required:
        return "must be given"
    if option.default in (None, "", []):
        return ""
    if isinstance(option.default, bool):
        return "on" if option.default else "off"
    return code(shown(option.default, option.unit))


def shown(value: Any, unit: str) -> str:
    """Shows a value in its unit."""
    if unit == "seconds":
        return f"{value:g}s"
    if unit == "bytes":
        return size(value)
    return " ".join(map(str, value)) if isinstance(value, list) else str(value)


def size(value: int) -> str:
    """Shows bytes in the largest unit that comes out even."""
    for power, name in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value and value % 1024**power == 0:
            return f"{value // 1024**power}{name}"
    return str(value)
