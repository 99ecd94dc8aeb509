"""RE2 syntax on Python's engine: what differs, and how replacements are written."""

import pytest

from gojinn.config.units import BadValue
from gojinn.edge.regexp import compile_regexp, replace_all


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"a$", "a", True),
        (r"a$", "a\n", False),
        (r"(?m)a$", "a\nb", True),
        (r"a\z", "a\n", False),
        (r"x(?i)a|b$", "xA", True),
        (r"x(?i)a|b$", "B", True),
        (r"x(?i)a|b$", "XA", False),
        (r"(x(?i)a)b", "xAb", True),
        (r"(x(?i)a)b", "xAB", False),
        (r"\Qa.b\E", "a.b", True),
        (r"\Qa.b\E", "axb", False),
        (r"^[[:alpha:]]+$", "abc", True),
        (r"^[[:alpha:]]+$", "ab1", False),
        (r"^[^[:digit:]]$", "1", False),
        (r"^[a[&|~]+$", "a[&|~", True),
        (r"^[]a]$", "]", True),
        (r"\x{1F600}", "\U0001f600", True),
        (r"^\d$", "٣", False),
        (r"(?P<name>\d)", "1", True),
    ],
)
def test_patterns_match_as_in_go(pattern: str, text: str, found: bool) -> None:
    assert (compile_regexp(pattern).search(text) is not None) is found


@pytest.mark.parametrize("pattern", ["(", "a**", r"\pL", "[[:odd:]]", "[", "(?P<1>a)", "x{999999999999}"])
def test_what_cannot_be_read_is_told(pattern: str) -> None:
    with pytest.raises(BadValue, match="expected a regular expression"):
        compile_regexp(pattern)


@pytest.mark.parametrize(
    ("pattern", "replacement", "text", "expected"),
    [
        (r"(\w)(\d)?", "$2${1}x$1x$$", "a1b", "1ax$bx$"),
        (r"x*", "-", "abxd", "-a-b-d-"),
        (r"(?P<first>a)", "${first}$first$none$9", "a", "aa"),
        (r"a", r"\1\g<0>\n", "a", r"\1\g<0>\n"),
        (r"(a)|b", "[$1]", "ab", "[a][]"),
        (r"a", "$", "a", "$"),
    ],
)
def test_replacements_are_written_as_in_go(pattern: str, replacement: str, text: str, expected: str) -> None:
    assert replace_all(compile_regexp(pattern), replacement, text) == expected
