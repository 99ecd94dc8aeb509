"""The `uri` directive: partial changes of the URI."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import read_value
from gojinn.config.units import parse_integer
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.placeholders import Template
from gojinn.edge.regexp import compile_regexp, parse_regexp
from gojinn.edge.rewriter import replace_pattern, replace_text, strip_prefix, strip_suffix

FORMS = {
    "strip_prefix": "strip_prefix <prefix>",
    "strip_suffix": "strip_suffix <suffix>",
    "replace": "replace <find> <replacement> [<limit>]",
    "path_regexp": "path_regexp <pattern> <replacement>",
}
ARGUMENTS = {"strip_prefix": (1, 1), "strip_suffix": (1, 1), "replace": (2, 3), "path_regexp": (2, 2)}


@dataclass(frozen=True, slots=True)
class UriConfig:
    """uri [<matcher>] strip_prefix <prefix>
    uri [<matcher>] strip_suffix <suffix>
    uri [<matcher>] replace <find> <replacement> [<limit>]
    uri [<matcher>] path_regexp <pattern> <replacement>

    Changes a part of the URI within the server: takes something off the path's start or end, replaces a text
    in path and query, or replaces what a regular expression finds in the escaped path.
    """

    action: str
    """`strip_prefix`, `strip_suffix`, `replace` or `path_regexp`."""
    find: str
    """What is taken off or looked for; may hold placeholders, except in a regular expression."""
    replacement: str = ""
    """What takes its place; may hold placeholders and, with a regular expression, `$1` or `${name}`."""
    limit: int = 0
    """At most how many times a text is replaced; 0 means no limit."""


def parse(node: Node, scope: Scope) -> UriConfig:
    """Reads the action and its arguments."""
    action = node.args[0].text if node.args else ""
    fewest, most = ARGUMENTS.get(action, (0, 0))
    given = node.args[1:]
    if action not in FORMS or not fewest <= len(given) <= most:
        raise node.wrong_args(FORMS.get(action) or " or ".join(f"'{form}'" for form in FORMS.values()))
    find = given[0].text
    if action == "path_regexp":
        read_value(given[0], parse_regexp, node.text)
    if not find:
        raise given[0].error(
            f"wrong arguments for '{node.text}': given an empty text, expected {FORMS[action]}"
        )
    if action == "strip_prefix" and not find.startswith("/"):
        find = "/" + find
    replacement = given[1].text if len(given) > 1 else ""
    limit = read_value(given[2], parse_integer, "replace") if len(given) > 2 else 0
    return UriConfig(action, find, replacement, max(0, limit))


def build(config: UriConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that changes the URI."""
    change = BUILDERS[config.action](config)

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            change(request)
            return following(request)

        return handle

    return middleware


def prefix_stripper(config: UriConfig) -> Callable[[Request], None]:
    """Makes the change of `strip_prefix`."""
    prefix = Template(config.find)
    return lambda request: strip_prefix(request, prefix.render(request))


def suffix_stripper(config: UriConfig) -> Callable[[Request], None]:
    """Makes the change of `strip_suffix`."""
    suffix = Template(config.find)
    return lambda request: strip_suffix(request, suffix.render(request))


def text_replacer(config: UriConfig) -> Callable[[Request], None]:
    """Makes the change of `replace`."""
    find, replacement = Template(config.find), Template(config.replacement)

    def change(request: Request) -> None:
        text = find.render(request)
        if text:
            replace_text(request, text, replacement.render(request), config.limit)

    return change


def pattern_replacer(config: UriConfig) -> Callable[[Request], None]:
    """Makes the change of `path_regexp`."""
    pattern, replacement = compile_regexp(config.find), Template(config.replacement)
    return lambda request: replace_pattern(request, pattern, replacement.render(request))


BUILDERS = {
    "strip_prefix": prefix_stripper,
    "strip_suffix": suffix_stripper,
    "replace": text_replacer,
    "path_regexp": pattern_replacer,
}

DIRECTIVE = Directive("uri", UriConfig, parse, build)
