"""From a Caddyfile on disk to a checked configuration: the four steps in a row. Builds and starts nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping

from gojinn.caddyfile.parser import parse
from gojinn.config.adapt import adapt
from gojinn.config.collector import collector_paused
from gojinn.config.directive import Grammar
from gojinn.config.model import Config
from gojinn.config.validate import validate


def load_config(
    path: str, grammar: Grammar, *, env: Mapping[str, str] | None = None, text: str | None = None
) -> Config:
    """Reads, adapts and checks a Caddyfile; `text` stands for the file's own, `env` for this process's.

    Raises ConfigError, or ConfigErrors when several things are wrong.
    """
    with collector_paused():
        adapted = adapt(parse(path, text, os.environ if env is None else env), grammar)
        validate(adapted, grammar.checks)
    return adapted.config
