"""Lines and words of a text: quotes, escapes, heredocs, comments, continuations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.caddyfile import lexer
from gojinn.caddyfile.lexer import lex
from gojinn.caddyfile.source import Source
from gojinn.errors import ConfigError


def words(text: str) -> list[list[str]]:
    """The texts of all words, by line."""
    return [[word.text for word in line] for line in lex(Source(text, "Caddyfile"))]


def error(text: str) -> ConfigError:
    """The error that a text ends with."""
    with pytest.raises(ConfigError) as caught:
        lex(Source(text, "Caddyfile"))
    return caught.value


CASES = {
    "empty": ("", []),
    "blank": (" \n\t\n\r\n", []),
    "words and lines": ("a b\n\nc", [["a", "b"], ["c"]]),
    "comment": ("# c\na # c\n#", [["a"]]),
    "hash inside of a word": ("a#b #c", [["a#b"]]),
    "hash behind a quote": ('"a"# c', [["a"]]),
    "quoted": ('a "b  c" ""', [["a", "b  c", ""]]),
    "quoted over lines": ('a "b\n c" d', [["a", "b\n c", "d"]]),
    "quote escaped in quotes": (r'"a \"b\" \n \\"', [[r'a "b" \n \\']]),
    "quote inside of a word": ('a"b c"', [['a"b', 'c"']]),
    "quoted next to a word": ('"a"b', [["a", "b"]]),
    "backticks": ('`a "b" \\` c', [['a "b" \\', "c"]]),
    "continuation": ("a \\\n  b\\\nc\nd", [["a", "b", "c"], ["d"]]),
    "continuation with carriage return": ("a \\\r\nb", [["a", "b"]]),
    "backslash before a letter": (r"a\b \c", [["a\\b", "\\c"]]),
    "backslash before a space": ("a\\ b", [["a", "b"]]),
    "backslash at the end": ("a\\", [["a"]]),
    "escaped quote": (r"\"a b\"", [['\\"a', 'b\\"']]),
    "placeholder": ("{path} {a.b.c}", [["{path}", "{a.b.c}"]]),
    "unicode": ("é\u00a0ü\u2003z", [["é", "ü", "z"]]),
    "carriage returns": ("a\r\nb c\r\n", [["a"], ["b", "c"]]),
    "heredoc": ("a <<X\n  b\n    c\n\n  X d\ne", [["a", "b\n  c\n", "d"], ["e"]]),
    "heredoc, empty": ("<<X\nX", [[""]]),
    "heredoc with one blank line": ("<<X\n\nX", [[""]]),
    "heredoc with its marker inside": ("<<X\naX X\nXY\nX", [["aX X\nXY"]]),
    "heredoc with quotes and braces": ('<<X\n"{\n#\\\nX', [['"{\n#\\']]),
    "heredoc with carriage returns": ("<<X\r\n a\r\n\r\n X\r\nb", [["a\n"], ["b"]]),
    "heredoc marker with dash and digit": ("<<A-1_b\nx\nA-1_b", [["x"]]),
    "no heredoc: a word follows": ("a <<X b\nX", [["a", "<<X", "b"], ["X"]]),
    "no heredoc: escaped": ("a \\<<X\nX", [["a", "<<X"], ["X"]]),
    "no heredoc: one angle": ("a <X\nX", [["a", "<X"], ["X"]]),
    "no heredoc: inside of a word": ("a<<X\nX", [["a<<X"], ["X"]]),
}


@pytest.mark.parametrize(("text", "expected"), CASES.values(), ids=CASES)
def test_text_becomes_words(text: str, expected: list[list[str]]) -> None:
    assert words(text) == expected


ERRORS = {
    "quote": ('a\n b "c', 2, 4, "this '\"' is never closed"),
    "backtick": ("a `b", 1, 3, "this '`' is never closed"),
    "heredoc": ("a <<X\nb", 1, 3, "heredoc '<<X' is never closed"),
    "heredoc at the end": ("a <<X", 1, 3, "heredoc '<<X' is never closed"),
    "heredoc without marker": ("a <<\nb", 1, 3, "wrong heredoc marker ''"),
    "heredoc with wrong marker": ("a <<X$\nb\nX$", 1, 3, "wrong heredoc marker 'X$'"),
    "heredoc with three angles": ("a <<<X\nb\nX", 1, 3, "too many '<' in '<<<X'"),
    "heredoc with less indentation": ("<<X\n  a\n b\n  X", 3, 1, "indented less than its closing marker"),
    "heredoc with tabs against spaces": ("<<X\n\ta\n    X", 2, 1, "indented less"),
}


@pytest.mark.parametrize(("text", "line", "col", "message"), ERRORS.values(), ids=ERRORS)
def test_wrong_text_is_an_error_at_its_place(text: str, line: int, col: int, message: str) -> None:
    wrong = error(text)
    assert wrong.place is not None
    assert (wrong.place.line, wrong.place.col) == (line, col)
    assert message in wrong.message


def test_words_know_where_they_stand_and_how_they_were_written() -> None:
    line = lex(Source('a\n\tb "{"\n', "f"))[1]
    assert [(str(word.place), word.quoted, word.source) for word in line] == [
        ("f:2:2", False, '\tb "{"'),
        ("f:2:4", True, '\tb "{"'),
    ]


def test_too_many_words_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lexer, "MOST_WORDS", 3)
    assert "more than 3 words" in error("a b\nc d").message


TEXTS = st.text(alphabet=st.sampled_from('ab{}"`\\#<X \t\r\n$:'), max_size=40)


@given(TEXTS | st.text(max_size=60))
def test_any_text_is_words_or_one_error_with_a_place(text: str) -> None:
    try:
        good = all(lex(Source(text, "f", {})))
    except ConfigError as wrong:
        good = wrong.place is not None
    assert good


@given(st.lists(st.text(alphabet="ab{}#<\\é 'x\n", max_size=8), min_size=1, max_size=5))
def test_what_is_in_backticks_comes_out_as_it_is(texts: list[str]) -> None:
    assert words(" ".join(f"`{text}`" for text in texts)) == [texts]
