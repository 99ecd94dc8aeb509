"""Query strings as Go reads them."""

import pytest

from gojinn.edge.query import pairs, values


@pytest.mark.parametrize(
    ("query", "expected", "clean"),
    [
        ("", [], True),
        ("a=1&b=2&a=3", [("a", "1"), ("b", "2"), ("a", "3")], True),
        ("a", [("a", "")], True),
        ("=1", [("", "1")], True),
        ("a==1", [("a", "=1")], True),
        ("&&a=1&", [("a", "1")], True),
        ("a+b=c+d%20e%2B", [("a b", "c d e+")], True),
        ("%61=%62", [("a", "b")], True),
        ("a=%zz&b=1", [("b", "1")], False),
        ("a=1;b=2&c=3", [("c", "3")], False),
        ("a=%ff", [("a", "\udcff")], True),
    ],
)
def test_query_is_split(query: str, expected: list[tuple[str, str]], clean: bool) -> None:
    assert pairs(query) == (expected, clean)


def test_values_of_a_parameter_keep_their_order() -> None:
    assert values("a=2&b=x&a=1", "a") == ["2", "1"]
    assert values("a=2", "A") == []
