"""Tables of options, from the dataclasses that define them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from docs.generator.docstrings import field_docs
from docs.generator.markdown import code, table

from gojinn.config.fields import Option, options


def option_table(cls: type) -> str:
    """Shows the options of a dataclass, those of nested blocks below theirs; empty when it has none."""
    return table(("option", "default", "meaning"), rows(cls, ""))


def rows(cls: type, inside: str) -> Iterator[tuple[str, str, str]]:
    """Yields a row for each option."""
    documented = field_docs(cls)
    for spec in options(cls).values():
        name = f"{inside}{spec.name}"
        yield code(f"{name} {spec.form}".strip()), default(spec), documented.get(spec.field, "")
        if spec.inner is not None:
            yield from rows(spec.inner, f"{name} / ")


def default(spec: Option) -> str:
    """Shows what holds without the option."""
    value: Any = spec.default
    if value is dataclasses.MISSING:
        return "must be given"
    if isinstance(value, type) or value in (None, "", ()):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return code(shown(value, spec.unit))


def shown(value: Any, unit: str) -> str:
    """Shows a value in its unit."""
    if unit == "seconds":
        return f"{value:g}s"
    if unit == "bytes":
        return size(value)
    return " ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def size(value: int) -> str:
    """Shows bytes in the largest unit that comes out even."""
    for power, name in ((3, "GiB"), (2, "MiB"), (1, "KiB")):
        if value and value % 1024**power == 0:
            return f"{value // 1024**power}{name}"
    return str(value)
