"""Lists of routes made into handlers. Knows no directive by name; which list serves whom, `site` decides."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count, groupby
from typing import Any

from gojinn.config.directive import Grammar
from gojinn.config.model import Match, Route
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.matchers.path import PathMatch
from gojinn.edge.message import Request, Response
from gojinn.edge.routeindex import PathIndex, index_keys

Test = Callable[[Request], bool]
Step = Callable[[Request, int], Handler | None]
"""Finds the handler of the first matching entry, from a position on, among the entries it stands for."""

INDEX_FROM = 4
"""Entries with plain paths in a row from which an index is quicker than asking each."""


class Entry:
    """Routes in a row with the same matchers: these are asked once for all of them."""

    __slots__ = ("group", "keys", "middlewares", "test")

    def __init__(
        self, test: Test | None, group: object, keys: tuple[str, ...] | None, middlewares: list[Middleware]
    ) -> None:
        self.test = test
        """None when it always matches."""
        self.group = group
        """Shared by entries of which only the first that matches is used; None without one."""
        self.keys = keys
        """Where an index finds it; None when its path is no plain one."""
        self.middlewares = middlewares

    def accepts(self, request: Request) -> bool:
        """Tells whether this entry is to handle the request; that uses its group up."""
        if self.test is not None and not self.test(request):
            return False
        if self.group is None:
            return True
        if request.groups is None:
            request.groups = set()
        elif self.group in request.groups:
            return False
        request.groups.add(self.group)
        return True

    def wrap(self, following: Handler) -> Handler:
        """Makes the handler of its routes, with what follows them."""
        for middleware in reversed(self.middlewares):
            following = middleware(following)
        return following


class RouteCompiler:
    """Compiles lists of routes with the directives and matchers of a grammar."""

    def __init__(self, grammar: Grammar, services: Mapping[type, Any]) -> None:
        self._directives = {directive.name: directive for directive in grammar.directives}
        self._matchers = {matcher.name: matcher for matcher in grammar.matchers}
        self.context = BuildContext(self.compile, dict(services))

    def compile(self, routes: Sequence[Route], *, joined: bool = True) -> Middleware:
        """Makes one middleware of a list: routes are asked in turn, what none answers goes on.

        Neighbours with the same matchers are one entry, unless they are not `joined`. Triggers make none.
        """
        routes = [route for route in routes if self._directives[route.directive].build is not None]
        groups = {route.group: object() for route in routes if route.group}
        separate = count()
        rows = groupby(routes, key=lambda r: (r.matchers, r.group, None if joined else next(separate)))
        entries = [
            Entry(
                self.test(matchers),
                groups.get(group),
                index_keys(matchers),
                [self.build(route) for route in row],
            )
            for (matchers, group, _), row in rows
        ]
        return lambda following: chain(entries, following)

    def build(self, route: Route) -> Middleware:
        """Builds one directive."""
        build = self._directives[route.directive].build
        assert build is not None
        paths = [match.config.patterns for match in route.matchers if isinstance(match.config, PathMatch)]
        self.context.paths += paths
        middleware: Middleware = build(route.config, self.context)
        del self.context.paths[len(self.context.paths) - len(paths) :]
        return middleware

    def test(self, matches: Sequence[Match]) -> Test | None:
        """Makes the test that all of some matchers hold; None when there are none."""
        tests = [self._matchers[match.name].build(match.config, self.all_of) for match in matches]
        if len(tests) < 2:
            return tests[0] if tests else None
        return lambda request: all(test(request) for test in tests)

    def all_of(self, matches: Sequence[Match]) -> Test:
        """Like `test`, for matchers that stand inside of one."""
        return self.test(matches) or (lambda request: True)


def chain(entries: Sequence[Entry], following: Handler) -> Handler:
    """Links entries to one handler: the first that accepts a request handles it and may pass it on."""
    handlers: list[Handler] = [following] * len(entries)
    plan = Plan(entries, handlers, following)
    rest = following
    for position in range(len(entries) - 1, -1, -1):
        entry = entries[position]
        handlers[position] = entry.wrap(rest)
        always = entry.test is None and entry.group is None
        rest = handlers[position] if always else plan.dispatcher(position)
    return rest


class Plan:
    """How the entries of one list are searched: one by one, or by their paths where many stand in a row."""

    def __init__(self, entries: Sequence[Entry], handlers: Sequence[Handler], following: Handler) -> None:
        self._entries = entries
        self._handlers = handlers
        self._following = following
        self._steps: list[Step] = []
        self._ends: list[int] = []
        """For each step the position after its last entry."""
        for indexed, row in groupby(range(len(entries)), key=lambda at: entries[at].keys is not None):
            positions = list(row)
            if indexed and len(positions) >= INDEX_FROM:
                self._add(positions[-1], self._indexed(positions))
            else:
                for position in positions:
                    self._add(position, self._single(position))

    def _add(self, last: int, step: Step) -> None:
        self._steps.append(step)
        self._ends.append(last + 1)

    def _single(self, position: int) -> Step:
        """Makes the step of one entry."""
        accepts, handlers = self._entries[position].accepts, self._handlers
        return lambda request, start: handlers[position] if accepts(request) else None

    def _indexed(self, positions: Sequence[int]) -> Step:
        """Makes the step of a row of entries with plain paths."""
        entries, handlers = self._entries, self._handlers
        index = PathIndex((position, entries[position].keys or ()) for position in positions)

        def step(request: Request, start: int) -> Handler | None:
            for position in index.find(request.match_path, start):
                if entries[position].accepts(request):
                    return handlers[position]
            return None

        return step

    def dispatcher(self, start: int) -> Handler:
        """Makes the handler that asks the entries from a position on."""
        steps, following = self._steps, self._following
        numbers = range(bisect_right(self._ends, start), len(steps))

        def dispatch(request: Request) -> Awaitable[Response]:
            for number in numbers:
                handler = steps[number](request, start)
                if handler is not None:
                    return handler(request)
            return following(request)

        return dispatch
