"""Lists of routes as Caddy evaluates them: order, groups, what goes on, and thousands of them."""

import asyncio
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gojinn.app import GRAMMAR
from gojinn.config.directive import Directive, Grammar
from gojinn.config.model import Match, Route
from gojinn.edge.handler import BuildContext
from gojinn.edge.matchers import path
from gojinn.edge.matchers.path import PathMatch
from gojinn.edge.message import Handler, Middleware, Request, Response
from gojinn.edge.router import RouteCompiler
from gojinn.edge.site import unanswered
from gojinn.testing.edge import answer, make_request
from gojinn.testing.work import counted

CASES = {
    "first that answers": ("respond /a one\nrespond two", {"/a": "one", "/b": "two"}),
    "empty answer at the end": ("respond /a one", {"/a": "one", "/b": ""}),
    "groups exclude each other": (
        "handle /a* {\nheader X-One 1\n}\nhandle {\nrespond two\n}\nrespond three",
        {"/a": "three", "/b": "two"},
    ),
    "group shared by handle_path": (
        "handle_path /a/* {\nrespond {path}\n}\nhandle /a/* {\nrespond never\n}\nhandle {\nrespond {path}\n}",
        {"/a/b": "/b", "/c": "/c"},
    ),
    "nested groups are their own": (
        "handle /a* {\nhandle /ab {\nrespond ab\n}\nhandle {\nrespond a\n}\n}\nhandle {\nrespond none\n}",
        {"/ab": "ab", "/ac": "a", "/b": "none"},
    ),
    "matchers see rewrites": (
        "route {\nrewrite /a /b\nrespond /b b\nrespond {path}\n}",
        {"/a": "b", "/b": "b", "/c": "/c"},
    ),
    "only the first rewrite of a group": (
        "rewrite /a /b\nrewrite /b /c\nrespond {path}",
        {"/a": "/b", "/b": "/c"},
    ),
    "every rewrite in a route": ("route {\nrewrite /a /b\nrewrite /b /c\nrespond {path}\n}", {"/a": "/c"}),
    "same matchers side by side are asked once": (
        "uri /a/* strip_prefix /a\nrespond /a/* stripped:{path}\nrespond kept:{path}",
        {"/a/x": "stripped:/x", "/x": "kept:/x"},
    ),
    "same matchers in a route are asked anew": (
        "route {\nuri /a/* strip_prefix /a\nrespond /a/* stripped:{path}\nrespond kept:{path}\n}",
        {"/a/x": "kept:/x", "/a/a/x": "stripped:/a/x"},
    ),
    "route goes on": ("route /a* {\nheader X-One 1\n}\nrespond end", {"/a": "end"}),
    "only the first root of a group": ("root /a* /one\nroot * /two\nrespond {vars.root}", {"/a": "/one"}),
}


@pytest.mark.parametrize("name", CASES)
async def test_routes_are_evaluated_as_in_caddy(name: str) -> None:
    text, expected = CASES[name]
    for target, body in expected.items():
        response = await answer(f":80 {{\n{text}\n}}\n", make_request(target))
        assert response.body == body.encode()


@dataclass(frozen=True)
class Step:
    """A directive that notes that it was reached, and answers or goes on."""

    name: int
    answers: bool


def build_step(config: Step, context: BuildContext) -> Middleware:
    """Makes the handler."""

    def middleware(following: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            request.vars.setdefault("reached", []).append(config.name)
            return Response(200, [], b"") if config.answers else await following(request)

        return handle

    return middleware


STEPS = Grammar((Directive("step", Step, lambda node, scope: None, build_step),), GRAMMAR.matchers)
PATTERNS = ("/a", "/a/*", "/a/b", "/a/b/*", "/a*", "*", "/c", "*b")
TARGETS = ("/", "/a", "/A/", "/a/b", "/a/b/c", "//a//b/c/d", "/c", "/ab")


def make_route(name: int, patterns: tuple[str, ...], group: str, answers: bool) -> Route:
    """Makes a route of a step."""
    return Route("step", Step(name, answers), (Match("path", PathMatch(patterns)),), group=group)


async def reached(routes: list[Route], target: str) -> list[int]:
    """Runs routes and tells which steps were reached."""
    request = make_request(target)
    await RouteCompiler(STEPS, {}).compile(routes)(unanswered)(request)
    found: list[int] = request.vars.get("reached", [])
    return found


def expected(routes: list[Route], target: str) -> list[int]:
    """Says which steps are to be reached, by asking each in turn."""
    request = make_request(target)
    used: set[str] = set()
    found = []
    for matchers, side_by_side in groupby(routes, key=lambda route: (route.matchers, route.group)):
        test = path.MATCHER.build(matchers[0][0].config, lambda matches: lambda request: True)
        if not test(request) or matchers[1] in used:
            continue
        used |= {matchers[1]} - {""}
        for route in side_by_side:
            found.append(route.config.name)
            if route.config.answers:
                return found
    return found


routes_of = st.lists(
    st.tuples(
        st.lists(st.sampled_from(PATTERNS), min_size=1, max_size=2),
        st.sampled_from(["", "", "one", "two"]),
        st.integers(0, 3).map(lambda number: number == 0),
    ),
    max_size=14,
)


@pytest.mark.slow
@given(routes_of)
@settings(max_examples=100, deadline=None)
def test_index_changes_nothing(drawn: list[Any]) -> None:
    routes = [make_route(n, tuple(p), group, answers) for n, (p, group, answers) in enumerate(drawn)]
    for target in TARGETS:
        assert asyncio.run(reached(routes, target)) == expected(routes, target)


@pytest.mark.slow
@pytest.mark.parametrize("pattern", ["/function-{}", "/function-{}/*"], ids=["path", "folder"])
async def test_one_of_ten_thousand_routes_is_found_at_once(pattern: str) -> None:
    routes = [make_route(n, (pattern.format(n),), "handle", True) for n in range(10_000)]
    handler = RouteCompiler(STEPS, {}).compile(routes)(unanswered)
    requests = [
        make_request(f"/function-{n}/".removesuffix("" if "*" in pattern else "/"))
        for n in range(0, 10_000, 10)
    ]
    spent = []
    for request in requests:
        with counted() as work:
            await handler(request)
        spent.append(work.calls)
    assert [request.vars["reached"] for request in requests] == [[n] for n in range(0, 10_000, 10)]
    assert max(spent) < 100


@pytest.mark.slow
async def test_ten_thousand_routes_without_index_are_gone_through() -> None:
    routes = [make_route(n, (f"/function-{n}-*",), "", True) for n in range(10_000)]
    assert await reached(routes, "/function-9999-x") == [9999]
    assert await reached(routes, "/none") == []


async def test_deep_path_costs_no_more_than_the_deepest_route() -> None:
    routes = [make_route(n, (f"/f{n}/*",), "", True) for n in range(100)]
    with counted() as deep:
        assert await reached(routes, "/f99" + "/x" * 8000) == [99]
    with counted() as flat:
        assert await reached(routes, "/f99/x") == [99]
    assert deep.calls < flat.calls + 100
