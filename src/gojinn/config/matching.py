"""How matchers are written: inline, named and in sets. What each of them means is its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from difflib import get_close_matches

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Matcher, Scope
from gojinn.config.model import Match


def is_matcher(word: Word) -> bool:
    """Tells whether a directive's first argument is a matcher: `*`, `/path` or `@name`."""
    return word.text == "*" or word.text.startswith(("/", "@"))


def is_definition(node: Node) -> bool:
    """Tells whether a line defines a named matcher."""
    return node.text.startswith("@")


def read_definition(node: Node, known: Mapping[str, Matcher], scope: Scope) -> tuple[Match, ...]:
    """Reads `@name <matcher> <args>…` or `@name { <matchers>… }`."""
    if node.text == "@":
        raise node.error("the matcher has no name", hint="write '@name'")
    if node.args:
        return read_set([Node(node.args[0], node.args[1:], node.block)], known, scope)
    if not node.block:
        hint = f"write '{node.text} path /a' or '{node.text} {{ … }}'"
        raise node.error(f"matcher '{node.text}' says nothing to match", hint=hint)
    return read_set(node.block, known, scope)


def read_set(nodes: Sequence[Node], known: Mapping[str, Matcher], scope: Scope) -> tuple[Match, ...]:
    """Reads matchers that must all hold; one that stands several times is merged where its kind does so."""
    matches: list[Match] = []
    for node in nodes:
        matcher = known.get(node.text)
        if matcher is None:
            raise node.unknown("", known, kind="matcher")
        config = matcher.parse(node, scope)
        same = next((i for i, match in enumerate(matches) if match.name == node.text), None)
        if matcher.merge is not None and same is not None:
            matches[same] = Match(node.text, matcher.merge(matches[same].config, config))
        else:
            matches.append(Match(node.text, config))
    return tuple(matches)


def resolve(
    word: Word, named: Mapping[str, tuple[Match, ...]], known: Mapping[str, Matcher], scope: Scope
) -> tuple[Match, ...]:
    """Turns `*`, `/path` or `@name` into matchers. Raises ConfigError for a name that is not defined."""
    if word.text == "*":
        return ()
    if word.text.startswith("/"):
        path = Word("path", word.place, word.source)
        return read_set([Node(path, (word,))], known, scope)
    found = named.get(word.text)
    if found is not None:
        return found
    near = get_close_matches(word.text, named, n=1)
    hint = f"did you mean '{near[0]}'?" if near else f"define it: '{word.text} path /a'"
    raise word.error(f"unknown matcher '{word.text}'", hint=hint)
