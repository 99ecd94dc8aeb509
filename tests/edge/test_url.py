"""Paths as Go's net/url and path packages treat them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.edge.url import clean, clean_path, escape_path, escaped_path, join_root, request_uri, unescape
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("text", "expected"),
    [("/a%20b", "/a b"), ("/%C3%BC", "/ü"), ("/%ff", "/\udcff"), ("%", None), ("/a%2", None), ("%zz", None)],
)
def test_escapes_are_decoded_or_refused(text: str, expected: str | None) -> None:
    assert unescape(text) == expected


@given(st.binary())
def test_any_bytes_survive_escaping(data: bytes) -> None:
    text = data.decode("utf-8", "surrogateescape")
    assert unescape(escape_path(text)) == text


@pytest.mark.parametrize(
    ("path", "expected"),
    [("", "."), ("/", "/"), ("//a", "/a"), ("/a/../b/./c//", "/b/c"), ("/..", "/"), ("a/../..", "..")],
)
def test_paths_are_cleaned(path: str, expected: str) -> None:
    assert clean(path) == expected


@pytest.mark.parametrize(
    ("path", "merge", "expected"),
    [
        ("/a//b/", True, "/a/b/"),
        ("/a//b/", False, "/a//b/"),
        ("//a/../b//", False, "//b//"),
        ("/a/.//", True, "/a/"),
    ],
)
def test_trailing_and_repeated_slashes_are_kept_on_demand(path: str, merge: bool, expected: str) -> None:
    assert clean_path(path, merge_slashes=merge) == expected


@pytest.mark.parametrize(
    "path", ["/../../etc", "/a/../../../etc", "..", "../..", "//../etc", "/./../x", "\0/.."]
)
def test_joined_path_stays_below_the_root(path: str) -> None:
    assert join_root("/srv/www", path).startswith("/srv/www")


@given(st.text(alphabet="./a\\%\0~", max_size=12))
def test_no_path_leaves_the_root(path: str) -> None:
    joined = join_root("/srv/www", path)
    assert joined.rstrip("/") == "/srv/www" or joined.startswith("/srv/www/")
    assert ".." not in joined.split("/")


def test_received_escapes_stay_until_the_path_changes() -> None:
    request = make_request("/a%2Fb%21?x=%20")
    assert request_uri(request) == "/a%2Fb%21?x=%20"
    request.path = "/c d/ü"
    assert escaped_path(request) == "/c%20d/%C3%BC"


def test_empty_path_and_lone_question_mark() -> None:
    request = make_request("/a?")
    assert request_uri(request) == "/a?"
    request.path = ""
    assert request_uri(request) == "/?"
