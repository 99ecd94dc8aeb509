"""Rewrites that a client must not be able to bend."""

import pytest

from gojinn.edge.regexp import compile_regexp
from gojinn.edge.rewriter import Rewrite, replace_pattern, replace_text, strip_prefix, strip_suffix
from gojinn.edge.url import request_uri
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("to", "target", "expected"),
    [
        ("{uri}", "/{env.HOME}?{path}", "/%7Benv.HOME%7D?{path}"),
        ("/x{uri}?", "/a?{env.HOME}&&b", "/x/a?{env.HOME}&b"),
        ("/a?b={query.c}", "/?c=1%262%3D3%23", "/a?b=1%262%3D3%23"),
        ("?{query}&a=b", "/p?x=%20&y", "/p?x=%20&y&a=b"),
        ("{path}%2F", "/a", "/a%252F"),
        ("no/slash", "/a", "no/slash"),
    ],
)
def test_only_the_caddyfile_speaks_in_placeholders(to: str, target: str, expected: str) -> None:
    request = make_request(target)
    Rewrite(to).apply(request)
    assert request_uri(request) == expected


def test_prefix_with_letters_beyond_ascii_is_stripped() -> None:
    request = make_request("/%C3%BC/%C3%BCber")
    strip_prefix(request, "/ü")
    assert (request.path, request_uri(request)) == ("/über", "/%C3%BCber")


def test_whole_path_can_be_stripped() -> None:
    request = make_request("/api")
    strip_prefix(request, "/api")
    assert (request.path, request_uri(request)) == ("", "/")


@pytest.mark.parametrize("target", ["/", "/%", "/%zz%", "/%ff%fe", "/" + "a/" * 5000, "//////", "/\udcff"])
def test_odd_paths_are_changed_without_failing(target: str) -> None:
    request = make_request(target)
    strip_prefix(request, "/a%2F")
    strip_suffix(request, "%ff")
    replace_text(request, "a", "b%", 3)
    replace_pattern(request, compile_regexp("/+"), "/${none}")
    assert isinstance(request_uri(request), str)
