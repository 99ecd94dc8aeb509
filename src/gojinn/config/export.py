"""The typed configuration as JSON, for people and tools to read. Secrets are masked, positions left out."""

from __future__ import annotations

import dataclasses
import json
from enum import Enum
from functools import cache
from typing import Any

from gojinn.caddyfile.tree import Word
from gojinn.config.units import Secret
from gojinn.errors import Place

MASK = "***"


def to_json(config: Any) -> str:
    """Writes a configuration as indented JSON; the order of the fields is that of the dataclasses."""
    return json.dumps(to_data(config), indent=2, ensure_ascii=False)


def to_data(value: Any) -> Any:
    """Turns configuration into plain data: dataclasses as objects without positions, secrets as a mask."""
    if isinstance(value, Secret):
        return MASK if value else ""
    if isinstance(value, tuple | list):
        return [to_data(each) for each in value]
    if isinstance(value, dict):
        return {str(key): to_data(each) for key, each in value.items()}
    if isinstance(value, Enum):
        return to_data(value.value)
    cls: Any = type(value)
    if dataclasses.is_dataclass(value):
        pairs = [(name, getattr(value, name)) for name in names(cls)]
        return {name: to_data(each) for name, each in pairs if not isinstance(each, Place | Word)}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


@cache
def names(cls: Any) -> tuple[str, ...]:
    """Lists the fields of a dataclass that are its content: those that its repr shows, without positions."""
    fields = dataclasses.fields(cls)
    return tuple(field.name for field in fields if field.repr and field.name != "place")
