"""The page of directives and matchers."""

from __future__ import annotations

from collections.abc import Iterator

from docs.generator.docstrings import syntax_and_text
from docs.generator.fields import option_table
from docs.generator.markdown import block

from gojinn.app import GRAMMAR
from gojinn.config.model import Site

HEAD = """\
# Directives and matchers

A site is an address with a block of directives. They are evaluated in the order of this page, whatever the
order in the file, except inside `route`; the global option `order` changes it. A directive may start with a
matcher: a path such as `/api/*`, a name such as `@images` that a site defines, or `*`.
"""


def page() -> str:
    """Makes the page."""
    parts = [HEAD, "## Settings of a site\n", "These are not evaluated in turn.\n", option_table(Site)]
    parts += ["## Directives\n", listed([directive.name for directive in GRAMMAR.directives])]
    for directive in GRAMMAR.directives:
        parts += section(directive.name, directive.config)
    parts += ["## Matchers\n", "Written as `@name <matcher> …` or `@name { … }`; all in a block must hold.\n"]
    for matcher in GRAMMAR.matchers:
        parts += section(matcher.name, matcher.config)
    return "\n".join(part for part in parts if part)


def listed(names: list[str]) -> str:
    """Links to the sections below."""
    return " · ".join(f"[`{name}`](#{name})" for name in names) + "\n"


def section(name: str, config: type) -> Iterator[str]:
    """Yields what is said of one directive or matcher."""
    syntax, text = syntax_and_text(config)
    yield f"### {name}\n"
    yield block(syntax, "caddyfile")
    if text:
        yield text + "\n"
    yield option_table(config)
