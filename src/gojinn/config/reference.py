"""The documentation of directives and options as data, taken from the code. Rendering it is not done here.

The docstring of a config class opens with its syntax, up to the first blank line; prose follows. A field is
documented by the string that stands below it.
"""

from __future__ import annotations

import ast
import dataclasses
import inspect
import textwrap
from collections.abc import Mapping
from dataclasses import MISSING, dataclass
from functools import cache
from typing import Any

from gojinn.config.directive import Grammar
from gojinn.config.export import to_data
from gojinn.config.fields import INLINE, Option, listed
from gojinn.config.model import Options, Site


@dataclass(frozen=True, slots=True)
class OptionEntry:
    """One option: a line of a directive's block, or of the global options."""

    name: str
    form: str
    """Its arguments, such as `<duration>`; empty for a flag."""
    text: str
    """What it does."""
    default: Any
    """The value without such a line, as plain data; None when there is none or it must be given."""
    unit: str
    required: bool
    repeat: bool
    """Whether it may stand several times."""
    inside: str
    """The block that only groups it, such as `servers`; empty for most."""
    options: tuple[OptionEntry, ...] = ()
    """What stands in its own block."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A directive, a matcher or the block of global options."""

    name: str
    syntax: str
    text: str
    options: tuple[OptionEntry, ...] = ()


@dataclass(frozen=True, slots=True)
class Reference:
    """All that there is to document, in the order that it is evaluated in."""

    directives: tuple[Entry, ...]
    matchers: tuple[Entry, ...]
    site: Entry
    """What a site says of itself: `bind`, `tls` and `log`."""
    options: Entry
    """The global options."""


def collect(grammar: Grammar) -> Reference:
    """Collects the documentation of a grammar."""
    return Reference(
        tuple(entry(each.name, each.config) for each in grammar.directives),
        tuple(entry(each.name, each.config) for each in grammar.matchers),
        entry("site", Site),
        entry("options", Options),
    )


def entry(name: str, config: type) -> Entry:
    """Documents one config class."""
    syntax, _, text = inspect.cleandoc(config.__doc__ or "").partition("\n\n")
    return Entry(name, syntax, text, option_entries(config))


def option_entries(config: type) -> tuple[OptionEntry, ...]:
    """Documents the options of a config class."""
    texts = option_texts(config)
    return tuple(option_entry(spec, texts.get(spec.key, "")) for spec in listed(config))


def option_texts(config: Any) -> dict[str, str]:
    """Reads the strings below the fields of a class and of those joined into it, by `Option.key`."""
    texts = dict(field_texts(config))
    for field in dataclasses.fields(config):
        if INLINE in field.metadata:
            joined = option_texts(field.metadata[INLINE])
            texts |= {f"{field.name}.{key}": text for key, text in joined.items()}
    return texts


def option_entry(spec: Option, text: str) -> OptionEntry:
    """Documents one option."""
    required = spec.default is MISSING
    inner = option_entries(spec.inner) if spec.inner is not None else ()
    default = None if required or inner else to_data(spec.default)
    return OptionEntry(
        spec.name, spec.form, text, default, spec.unit, required, spec.repeat, spec.inside, inner
    )


@cache
def field_texts(config: Any) -> Mapping[str, str]:
    """Reads the strings that stand below the fields of a class, by field."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(config))).body[0]
    assert isinstance(tree, ast.ClassDef)
    found = {}
    for field, below in zip(tree.body, tree.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            found[field.target.id] = inspect.cleandoc(str(below.value.value))
    return found
