"""In which order the routes of a site are evaluated. What they do is not known here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import itemgetter

from gojinn.caddyfile.tree import Node, Word
from gojinn.config.directive import Directive, Grammar
from gojinn.config.model import Match, Route

Rank = tuple[int, int, int, int]
"""Place of the directive, whether without matchers, run of comparable routes, how general."""


class DirectiveOrder:
    """The order of the directives of a grammar, as the `order` options of one configuration change it."""

    def __init__(self, grammar: Grammar, orders: Iterable[Node] = ()) -> None:
        """Takes the `order` lines, whose form is right. Raises ConfigError for an unknown name in them."""
        names = [directive.name for directive in grammar.directives]
        for node in orders:
            move(names, node.args)
        self.directives = {directive.name: directive for directive in grammar.directives}
        self.matchers = {matcher.name: matcher for matcher in grammar.matchers}
        leaders: dict[str, str] = {}
        for directive in grammar.directives:
            leaders.setdefault(directive.group or directive.name, directive.name)
        # Directives of one group take the place of the first of them: `handle_path` is a kind of `handle`.
        self.places = {d.name: names.index(leaders[d.group or d.name]) for d in grammar.directives}

    def sort(self, routes: Sequence[Route]) -> list[Route]:
        """Sorts routes by directive; those of one directive by how specific their path is.

        Among routes of one directive, as in Caddy 2.6: a longer path goes before a shorter one, and what has
        no matcher goes last. A route with other matchers than a single path is not comparable: it stays where
        it is written, and divides those before it from those behind it.
        """
        runs: dict[str, int] = {}
        ranked = [(self.rank(route, runs), route) for route in routes]
        return [route for _, route in sorted(ranked, key=itemgetter(0))]

    def rank(self, route: Route, runs: dict[str, int]) -> Rank:
        """Returns what a route is sorted by; `runs` counts by directive where new runs of routes began."""
        directive = self.directives[route.directive]
        place = self.places[route.directive]
        key = directive.group or directive.name
        if not route.matchers:
            return (place, 0 if directive.general_first else 1, 0, 0)
        matched = 1 if directive.general_first else 0
        length = self.specific(route.matchers)
        if length == 0:
            runs[key] = runs.get(key, 0) + 2
            return (place, matched, runs[key] - 1, 0)
        return (place, matched, runs.get(key, 0), length if directive.general_first else -length)

    def specific(self, matches: Sequence[Match]) -> int:
        """Returns how specific the path among some matchers is; 0 when there is none to compare by."""
        for match in matches:
            judge = self.matchers[match.name].specific
            if judge is not None:
                return judge(match.config)
        return 0

    def directive(self, name: str) -> Directive | None:
        """Finds a directive by its name."""
        return self.directives.get(name)


def move(names: list[str], args: Sequence[Word]) -> None:
    """Applies one `order` option to the names of all directives."""
    known = list(names)
    moved, position = args[0], args[1].text
    check_known(moved, known)
    names.remove(moved.text)
    if position in ("first", "last"):
        names.insert(0 if position == "first" else len(names), moved.text)
        return
    other = args[2]
    check_known(other, known)
    if other.text == moved.text:
        raise other.error(f"'{moved.text}' cannot stand {position} itself", hint="name another directive")
    names.insert(names.index(other.text) + (position == "after"), moved.text)


def check_known(word: Word, known: Sequence[str]) -> None:
    """Raises ConfigError for the name of no directive that is ordered."""
    if word.text not in known:
        raise Node(word).unknown("", known)
