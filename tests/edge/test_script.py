"""Tests of where in a path a script begins, by routes as Caddyfiles have them."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.directive import Directive, Grammar
from gojinn.config.load import load_config
from gojinn.edge.handler import BuildContext
from gojinn.edge.message import Handler, Middleware, Request, Response
from gojinn.edge.router import RouteCompiler
from gojinn.edge.script import places, way_of
from gojinn.edge.site import unanswered
from gojinn.functions.metavariables import Way
from gojinn.testing.edge import make_request


@dataclass(frozen=True, slots=True)
class ScriptConfig:
    """script"""


def build(config: ScriptConfig, context: BuildContext) -> Middleware:
    """Makes a handler that notes where it was found."""
    found = places(context.paths)

    def middleware(following: Handler) -> Handler:
        async def handle(request: Request) -> Response:
            request.vars["way"] = way_of(request, found)
            return Response(204)

        return handle

    return middleware


SCRIPT = Directive("script", ScriptConfig, lambda node, scope: ScriptConfig(), build)
WITH_SCRIPT = Grammar((*GRAMMAR.directives, SCRIPT), GRAMMAR.matchers)


async def way(routes: str, request: Request) -> Way:
    config = load_config("Caddyfile", WITH_SCRIPT, env={}, text=f":80 {{\n{routes}\n}}\n")
    handler = RouteCompiler(WITH_SCRIPT, {}).compile(config.sites[0].routes)(unanswered)
    assert (await handler(request)).status == 204
    found = request.vars["way"]
    assert isinstance(found, Way)
    return found


CASES = {
    "no matcher": ("script", "/a/b", "", "/a/b", "/..."),
    "everything": ("script /*", "/a", "", "/a", "/..."),
    "whole path": ("script /a", "/a", "/a", "", "/a"),
    "folder": ("script /a/*", "/a/b/c", "/a", "/b/c", "/a/..."),
    "folder itself": ("script /a/*", "/a/", "/a", "/", "/a/..."),
    "beginning": ("script /a*", "/a/b", "/a", "/b", "/a/..."),
    "within a segment": ("script /a*", "/ab", "", "/ab", "/..."),
    "other case": ("script /a/*", "/A/B", "/A", "/B", "/A/..."),
    "several": ("@m path /x/* /a/*\nscript @m", "/a/b", "/a", "/b", "/a/..."),
    "with other matchers": ("@m {\npath /a/*\nmethod GET\n}\nscript @m", "/a/b", "/a", "/b", "/a/..."),
    "pattern": ("script *.cgi", "/a.cgi", "", "/a.cgi", "/..."),
    "around": ("handle /a/* {\nscript\n}", "/a/b", "/a", "/b", "/a/..."),
    "innermost": ("handle /a/* {\nscript /a/b/*\n}", "/a/b/c", "/a/b", "/c", "/a/b/..."),
    "beside": ("header /b/* A b\nscript", "/b/c", "", "/b/c", "/..."),
    "stripped": ("handle_path /a/* {\nscript\n}", "/a/b", "/a", "/b", "/a/..."),
    "stripped whole": ("handle_path /a* {\nscript\n}", "/a", "/a", "", "/a/..."),
    "stripped and within": ("handle_path /a/* {\nscript /b/*\n}", "/a/b/c", "/a/b", "/c", "/a/b/..."),
    "rewritten": ("route {\nrewrite * /c/d\nscript /c/*\n}", "/a/b", "/c", "/d", "/c/..."),
    "escaped": ("script /a/*", "/%61/b%20c%2Fd", "/a", "/b c/d", "/a/..."),
    "dots": ("script /a/*", "/x/../a/./b/../c", "/a", "/c", "/a/..."),
    "escaped dots": ("script /a/*", "/a/%2e%2e/a/b", "/a", "/b", "/a/..."),
    "beyond the root": ("script", "/../../etc/passwd", "", "/etc/passwd", "/..."),
    "slashes": ("script /a/*", "/a//b///c", "/a", "//b///c", "/a/..."),
}


@pytest.mark.parametrize(("routes", "target", "script", "path", "route"), CASES.values(), ids=CASES)
async def test_a_script_is_told_what_led_to_it(
    routes: str, target: str, script: str, path: str, route: str
) -> None:
    found = await way(routes, make_request(target))
    assert (found.script, found.path, found.route) == (script, path, route)
    assert found.uri == target


async def test_the_path_is_also_told_as_it_was_escaped() -> None:
    found = await way("script /a/*", make_request("/%61/b%20c%2Fd?q=%20"))
    assert (found.raw_path, found.query) == ("/b%20c%2Fd", "q=%20")


async def test_a_rewritten_query_is_the_scripts() -> None:
    found = await way("rewrite * /?page=2\nscript", make_request("/a?b"))
    assert (found.query, found.uri, found.path) == ("page=2", "/a?b", "/")


async def test_paths_are_those_of_one_branch() -> None:
    routes = "handle /a/* {\nscript\n}\nhandle /b/* {\nscript\n}\nhandle {\nscript\n}"
    for target, script in (("/a/x", "/a"), ("/b/x", "/b"), ("/c/x", "")):
        assert (await way(routes, make_request(target))).script == script
