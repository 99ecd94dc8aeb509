"""From a parsed Caddyfile to the typed configuration. Touches no disk; what must exist is `validate`'s."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from gojinn.caddyfile.tree import Document, Word
from gojinn.config.directive import Grammar
from gojinn.config.global_options import read_options
from gojinn.config.model import Config, Options, Site
from gojinn.config.order import DirectiveOrder
from gojinn.config.scope import Need, Reading, RouteScope
from gojinn.config.sites import read_site


@dataclass(frozen=True, slots=True)
class Adapted:
    """A configuration with what it takes to check it as a whole."""

    config: Config
    keys: tuple[tuple[Word, ...], ...]
    """Where the addresses of each site are written."""
    needs: tuple[Need, ...]
    """The files and folders that must exist."""


def adapt(document: Document, grammar: Grammar) -> Adapted:
    """Adapts a document. Raises ConfigError at the first thing that is wrong."""
    base_dir = os.path.dirname(document.files[0])
    options, needs = global_options(document, grammar, base_dir)
    orders = [node for node in document.options if node.text == "order"]
    reading = Reading(DirectiveOrder(grammar, orders), base_dir)
    scope = RouteScope(reading, {})
    sites: list[Site] = [read_site(block, scope) for block in document.blocks]
    keys = tuple([block.keys for block in document.blocks])
    return Adapted(Config(options, tuple(sites), document.files), keys, (*needs, *reading.needs))


def global_options(document: Document, grammar: Grammar, base_dir: str) -> tuple[Options, Sequence[Need]]:
    """Reads the options and what must exist for them; their lines are checked before `order` changes what
    they say."""
    reading = Reading(DirectiveOrder(grammar), base_dir)
    words = frozenset(directive.name for directive in grammar.directives if directive.build is None)
    options = read_options(document.options, RouteScope(reading, {}), words)
    return options, reading.needs
