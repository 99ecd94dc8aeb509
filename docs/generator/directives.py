"""The page of directives and matchers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

from docs.generator.entries import option_table
from docs.generator.markdown import block

from gojinn.app import GRAMMAR
from gojinn.config.reference import Entry, collect

HEAD = """\
# Directives and matchers

A site is an address with a block of directives. They are evaluated in the order of this page, whatever the
order in the file, except inside `route`; the global option `order` changes it. A directive may start with a
matcher: a path such as `/api/*`, a name such as `@images` that a site defines, or `*`.
"""

MATCHERS = """\
A site names them with `@name <matcher> …`, or `@name { … }` where all in the block must hold.
"""


def page() -> str:
    """Makes the page."""
    reference = collect(GRAMMAR)
    parts = [HEAD, "## Settings of a site\n", "These are not evaluated in turn.\n"]
    parts += [option_table(reference.site.options), "## Directives\n", links(reference.directives)]
    parts += chain.from_iterable(map(section, reference.directives))
    parts += ["## Matchers\n", MATCHERS, links(reference.matchers, "-matcher")]
    parts += chain.from_iterable(section(entry, " (matcher)") for entry in reference.matchers)
    return "\n".join(part for part in parts if part)


def links(entries: Iterable[Entry], suffix: str = "") -> str:
    """Links to the sections below."""
    return " · ".join(f"[`{entry.name}`](#{entry.name}{suffix})" for entry in entries) + "\n"


def section(entry: Entry, suffix: str = "") -> Iterator[str]:
    """Yields what is said of one directive or matcher."""
    yield f"### {entry.name}{suffix}\n"
    yield block(tabbed(entry.syntax), "caddyfile")
    if entry.text:
        yield entry.text + "\n"
    yield option_table(entry.options)


def tabbed(syntax: str) -> str:
    """Indents as Caddyfiles are."""
    return syntax.replace("    ", "\t")
