"""The `path` matcher: which paths a pattern is for. Checked against Caddy 2.6."""

import pytest

from gojinn.edge.matchers.path import MATCHER, PathMatch
from gojinn.testing.edge import make_request

CASES = {
    "/foo": (
        ["/foo", "/FOO", "/%66oo", "//foo", "/foo?x", "/a/../foo", "/./foo"],
        ["/foo/", "/foobar", "/x/foo"],
    ),
    "/Foo": (["/foo", "/FOO"], ["/fo"]),
    "/foo/": (["/foo/", "/foo//"], ["/foo"]),
    "/foo/*": (["/foo/", "/foo/bar", "/FOO/b/c"], ["/foo", "/foobar", "/foo/../bar"]),
    "/foo*": (["/foo", "/foobar", "/foo/bar"], ["/fo", "/x/foo"]),
    "*foo": (["/foo", "/x/foo", "/xfoo"], ["/foo/"]),
    "*.html": (["/a.html", "/d/A.HTML"], ["/a.htm", "/a.html/"]),
    "*oo*": (["/foo", "/xoox/y"], ["/fo"]),
    "*": (["/", "/x", "/a/b"], []),
    "/a/*/c": (["/a/b/c", "/A/b/c"], ["/a/c", "/a/b/d/c", "/a/b/c/"]),
    "/a*c": (["/ac", "/abc"], ["/a/c", "/abd"]),
    "/x*y*z": (["/xyz", "/xaybz", "/xyyzzz"], ["/x/y/z", "/xzy"]),
    "/f?o": (["/foo", "/fxo"], ["/fo", "/f/o"]),
    "/[a-c]x": (["/ax", "/Bx"], ["/dx"]),
    "/[^a-c]x": (["/dx"], ["/ax", "//x"]),
    "/a\\*b": (["/a*b"], ["/axb"]),
    "/[a": ([], ["/[a", "/a"]),
    "/a//b": (["/a//b"], ["/a/b", "/a///b"]),
    "/a/b": (["/a/b", "/a//b", "/a/./b"], ["/a%2Fc"]),
    "/foo%2Fbar": (["/foo%2Fbar", "/foo%2fbar", "/FOO%2fBAR", "/%66oo%2Fbar"], ["/foo/bar", "/foo%2Fbarx"]),
    "/a%*b": (["/ab", "/a%2Fb", "/aXXb"], ["/a/b"]),
    "/x%20*": (["/x%20", "/x%20yz"], ["/x%20y%2Fz", "/xy"]),
    "/é": (["/%C3%A9"], ["/e"]),
    "/a b": (["/a%20b"], ["/a+b"]),
    "/{query.p}": (["/x?p=x", "/?p="], ["/y?p=x"]),
    "/{query.p}/*": (["/x/y?p=x"], ["/x?p=x"]),
}


@pytest.mark.parametrize("pattern", CASES)
def test_pattern_matches_as_in_caddy(pattern: str) -> None:
    test = MATCHER.build(PathMatch((pattern,)), lambda matches: lambda request: True)
    wanted, unwanted = CASES[pattern]
    assert [target for target in wanted if not test(make_request(target))] == []
    assert [target for target in unwanted if test(make_request(target))] == []


def test_any_of_several_patterns_matches() -> None:
    test = MATCHER.build(PathMatch(("/a", "/b/*")), lambda matches: lambda request: True)
    assert [test(make_request(target)) for target in ("/a", "/b/x", "/c")] == [True, True, False]


def test_rewritten_path_is_what_counts() -> None:
    test = MATCHER.build(PathMatch(("/new",)), lambda matches: lambda request: True)
    request = make_request("/old")
    assert not test(request)
    request.path = "/new"
    assert test(request)


@pytest.mark.parametrize("pattern", ["/*a*a*a*a*a*b", "/%*a*a*a*a*b%20"])
def test_hostile_path_is_answered(pattern: str) -> None:
    # Going back at each star would take longer than a test may.
    test = MATCHER.build(PathMatch((pattern,)), lambda matches: lambda request: True)
    assert not test(make_request("/" + "a" * 4000))
