"""`{env.NAME}` in the values of a function, replaced when it is loaded. Reads no environment by itself."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterator, Mapping
from typing import Any

from gojinn.config.units import Secret
from gojinn.config.walk import fields, values
from gojinn.functions.config import JOINED, FunctionConfig
from gojinn.functions.lines import ENVIRONMENT, ApiKey, Variable


def texts(config: FunctionConfig) -> Iterator[str]:
    """Yields every value of a function that may hold `{env.NAME}`."""
    yield config.module
    yield from config.args
    for variable in config.env:
        yield variable.value.reveal()
    for mount in config.mounts:
        yield mount.host
    for key in config.api_keys:
        yield key.key.reveal()
    if config.debug_secret is not None:
        yield config.debug_secret.reveal()
    for joined in config.joined():
        for value in values(joined):
            if isinstance(value, Secret):
                yield value.reveal()
            elif isinstance(value, str):
                yield value
            elif isinstance(value, tuple):
                yield from (each for each in value if isinstance(each, str))


def vars_of(joined: Any) -> dict[str, str | Secret | tuple[Any, ...]]:
    """Returns the values of a capability's options that may hold `{env.NAME}`, by field."""
    cls: Any = type(joined)
    both = zip(fields(cls), values(joined), strict=True)
    return {name: value for name, value in both if isinstance(value, str | Secret | tuple)}


def resolve(config: FunctionConfig, environ: Mapping[str, str]) -> FunctionConfig:
    """Replaces `{env.NAME}` in all values; a variable that is not set is empty, as in Caddy.

    Raises ConfigError when a secret becomes empty by that.
    """
    if not any("{env." in text for text in texts(config)):
        return config

    def text(value: str) -> str:
        return ENVIRONMENT.sub(lambda found: environ.get(found[1], ""), value) if "{env." in value else value

    def path(value: str) -> str:
        """A variable that begins a relative path may hold an absolute one."""
        base, brace, rest = value.partition("{env.")
        return os.path.join(base, text(brace + rest)) if base.endswith("/") else text(value)

    def secret(value: Secret, what: str) -> Secret:
        revealed = text(value.reveal())
        if not revealed and config.origin is not None:
            hint = "set the environment variable that it names"
            raise config.origin.error(f"'{what}' of this function is empty", hint=hint)
        return Secret(revealed)

    def filled(joined: Any) -> Any:
        """A capability's options; its secrets may be empty, unlike those that let somebody in."""
        return dataclasses.replace(joined, **{name: each(value) for name, value in vars_of(joined).items()})

    def each(value: Any) -> Any:
        if isinstance(value, tuple):
            return tuple(map(each, value))
        if isinstance(value, Secret):
            return Secret(text(value.reveal()))
        return text(value) if isinstance(value, str) else value

    debug = config.debug_secret
    return dataclasses.replace(
        config,
        **{name: filled(joined) for name, joined in zip(JOINED, config.joined(), strict=True)},
        module=path(config.module),
        env=tuple(Variable(v.name, Secret(text(v.value.reveal()))) for v in config.env),
        args=tuple(map(text, config.args)),
        mounts=tuple(m if m.name else dataclasses.replace(m, host=path(m.host)) for m in config.mounts),
        debug_secret=None if debug is None else secret(debug, "debug_secret"),
        api_keys=tuple(ApiKey(k.tenant, secret(k.key, "api_key")) for k in config.api_keys),
    )
