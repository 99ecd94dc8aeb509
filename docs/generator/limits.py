"""The page of limits: what each wall is set to where nothing else is said."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

from docs.generator.entries import size
from docs.generator.markdown import code, table

from gojinn.config.reference import field_texts
from gojinn.edge import limits as edge
from gojinn.engine import limits as engine
from gojinn.engine.settings import EngineSettings

HEAD = """\
# Limits

What the server puts up with where the Caddyfile says nothing else. How a limit shows is described in
[server behaviour](../design/server-behavior.md).
"""


def page() -> str:
    """Makes the page."""
    parts = [HEAD, "## Clients\n", "Sizes in bytes, times in seconds.\n", defaults(edge.Limits)]
    parts += ["## One invocation of a function\n", defaults(engine.Limits)]
    parts += ["## One worker's engine\n", defaults(EngineSettings)]
    return "\n".join(parts)


def defaults(cls: Any) -> str:
    """Shows the fields of a dataclass with their defaults."""
    return table(("limit", "value", "meaning"), rows(cls))


def rows(cls: Any) -> Iterator[tuple[str, str, str]]:
    """Yields a row for each field."""
    documented = field_texts(cls)
    for field in dataclasses.fields(cls):
        yield code(field.name), shown(field.default), documented.get(field.name, "")


def shown(value: Any) -> str:
    """Shows a number: sizes that come out even in binary units, times with theirs."""
    if value is None:
        return ""
    if isinstance(value, float):
        return code(f"{value:g}s")
    return code(size(value) if value >= 4096 else str(value))
