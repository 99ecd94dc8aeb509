"""Changes a configuration that serves, without its file: variables of functions. A reload takes them back."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from gojinn.config.model import Config
from gojinn.config.units import Secret
from gojinn.errors import BadRequest, NotFound
from gojinn.functions.config import FunctionConfig
from gojinn.functions.lines import Variable


class Patch(msgspec.Struct, forbid_unknown_fields=True):
    """What to change."""

    function: str
    """Name of the function, as `status` shows it; all that are called so are changed."""
    env: dict[str, str | None]
    """Variables to set, or with null to take away."""


def patched(config: Config, patch: Patch) -> Config:
    """Returns the configuration with changed variables. Raises NotFound for a function that it lacks."""
    for name, value in patch.env.items():
        if not name or "=" in name or "\0" in name + (value or ""):
            raise BadRequest(f"wrong variable '{name}': expected a name without '=' and text without NUL")
    known: set[str] = set()

    def change(function: FunctionConfig) -> FunctionConfig:
        known.add(function.name)
        if function.name != patch.function:
            return function
        return dataclasses.replace(function, env=changed(function.env, patch.env))

    result: Config = replaced(config, FunctionConfig, change)
    if patch.function not in known:
        hint = f"choose one of: {', '.join(sorted(known))}" if known else None
        raise NotFound(f"there is no function '{patch.function}'", hint=hint)
    return result


def changed(variables: tuple[Variable, ...], env: Mapping[str, str | None]) -> tuple[Variable, ...]:
    """Sets and takes away variables; those that stay keep their order."""
    kept = {variable.name: variable for variable in variables}
    for name, value in env.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = Variable(name, Secret(value))
    return tuple(kept.values())


def replaced(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Returns a configuration in which everything of a kind was changed; what has none of it stays itself."""
    if isinstance(value, kind):
        return change(value)
    if isinstance(value, tuple):
        items = tuple(replaced(each, kind, change) for each in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    new: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        now = replaced(old, kind, change)
        if now is not old:
            new[field.name] = now
    return dataclasses.replace(value, **new) if new else value
