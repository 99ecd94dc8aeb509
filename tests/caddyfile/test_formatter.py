"""The layout of a Caddyfile, and the two laws: formatting twice changes nothing, meaning is kept."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.caddyfile.formatter import DEEPEST, format_text
from gojinn.errors import ConfigError

LAYOUT = {
    "empty": ("", "\n"),
    "blank": (" \n\t\n", "\n"),
    "spaces and tabs": ("  a   b\tc  \n", "a b c\n"),
    "indentation": ("a {\nb {\nc\n}\n}", "a {\n\tb {\n\t\tc\n\t}\n}\n"),
    "one blank line is kept": ("a\n\nb", "a\n\nb\n"),
    "more blank lines become one": ("a\n\n\n\nb", "a\n\nb\n"),
    "two blank lines behind a comment": ("# a\n\n\n\n\nb", "# a\n\n\nb\n"),
    "no blank lines around braces": ("a {\n\n\nb\n\n\n}\n", "a {\n\tb\n}\n"),
    "brace moves to the line before": ("a\n\n{\nb\n}", "a {\n\tb\n}\n"),
    "brace without space": ("a{\nb\n}", "a {\n\tb\n}\n"),
    "block on one line": ("a { b }", "a {\n\tb\n}\n"),
    "site behind a site": ("a {\n} b {\n}", "a {\n}\n\nb {\n}\n"),
    "sites without blank line": ("a {\n}\nb {\n}", "a {\n}\nb {\n}\n"),
    "options": ("{\ndebug\n}\n\n:80 {\n}", "{\n\tdebug\n}\n\n:80 {\n}\n"),
    "comment keeps its spaces": ("  #  a   b\nc", "#  a   b\nc\n"),
    "comment behind words": ("a   # b\n", "a # b\n"),
    "comment behind an opening brace": ("a { # b\nc\n}", "a {\n\t# b\n\tc\n}\n"),
    "comment behind a closing brace": ("a {\nb {\n} # c\n}", "a {\n\tb {\n\t}\t# c\n}\n"),
    "comment behind a site": ("a {\n} # c", "a {\n}\n\n# c\n"),
    "comment before a brace": ("a # c\n{\nb\n}", "a # c\n{\n\tb\n}\n"),
    "hash within a word": ("a#b   c", "a#b c\n"),
    "quotes": ('a   "b   c\n  d"   e', 'a "b   c\n  d" e\n'),
    "escaped quote": (r'a   "b \"  c"   d', r'a "b \"  c" d' + "\n"),
    "backticks": ("a   `b   c`   d", "a `b   c` d\n"),
    "heredoc": ("a {\nb   <<X\n    c   d\n    X   e\n}", "a {\n\tb <<X\n    c   d\n    X e\n}\n"),
    "what is no heredoc": ("a <<b   c", "a <<b c\n"),
    "what would become a heredoc": ("x { <<b }", "x {\n\t\\<<b\n}\n"),
    "continuation": ("a   b   \\\n     c", "a b \\\n c\n"),
    "continuation of nothing": ("a\n   \\\nb", "a\nb\n"),
    "backslash before a space": ("a\\  b", "a b\n"),
    "carriage returns": ("a {\r\n  # c\r\n  b\r\n}\r\n", "a {\n\t# c\n\tb\n}\n"),
    "byte order mark": ("\ufeffa", "a\n"),
    "placeholders": ("a   {b}{c}   {$D:e  f}", "a {b}{c} {$D:e  f}\n"),
    "closed too often": ("a\n}\n}\nb", "a\n}\n}\nb\n"),
    "never closed": ("a {\nb {\nc", "a {\n\tb {\n\t\tc\n"),
}


@pytest.mark.parametrize(("text", "expected"), LAYOUT.values(), ids=LAYOUT)
def test_text_is_laid_out(text: str, expected: str) -> None:
    assert format_text(text) == expected


@pytest.mark.parametrize("text", [expected for _, expected in LAYOUT.values()], ids=LAYOUT)
def test_what_is_laid_out_stays(text: str) -> None:
    assert format_text(text) == text


@pytest.mark.parametrize("text", ['a "b', "a `b", "a <<X\nb"])
def test_what_is_never_closed_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError, match="never closed"):
        format_text(text)


def test_indentation_has_an_end() -> None:
    text = format_text("{ " * 20_000)
    assert max(len(line) for line in text.split("\n")) == DEEPEST + 1


def texts(pieces: list[str]) -> st.SearchStrategy[str]:
    """Texts made of many of some pieces."""
    return st.lists(st.sampled_from(pieces), max_size=14).map("".join)


PIECES = texts(
    [
        *("a", "b c", "{", "}", "a{", "}b", "{}", " ", "  ", "\n", "\n\n\n", "\t", "\r\n", "# c", "#", ","),
        *("\\", "\\\n", '"x  y"', '"', "`", "`a  b`", '\\"', "<<A\n  x\n  A", "<<", "<", "A", "é"),
        *("{path}", "{$X:a  b}", "import", "(s)"),
    ]
)
WORDS = st.sampled_from(
    ["a", '"q  q"', "`r  r`", "{path}", "x#y", "\\<<x", "<<H\n\tt\n\tH", "{$X:a  b}", "y,"]
)
SPACES = st.sampled_from([" ", "  ", "\t", " \\\n "])
ENDS = st.sampled_from(["\n", "\n\n", "\n\n\n\n", "\r\n", " # d\n", "   #e  \n\n"])


@st.composite
def lines(draw: st.DrawFn, depth: int = 0) -> str:
    """Directives that parse, laid out in any way."""
    out = []
    for _ in range(draw(st.integers(0, 3))):
        out += [draw(st.sampled_from(["", "  ", "\t"])), draw(st.sampled_from(["dir", "root", "@m"]))]
        for word in draw(st.lists(WORDS, max_size=3)):
            out += [draw(SPACES), word]
        if depth < 3 and draw(st.booleans()):
            out += [" {", draw(ENDS), draw(lines(depth + 1)), "}"]
        out.append(draw(ENDS))
    return "".join(out)


SITES = lines().map(lambda text: f":80   {{\n{text}}}\n")


@given(PIECES | SITES | st.text(max_size=50))
def test_formatting_twice_is_formatting_once(text: str) -> None:
    try:
        once = format_text(text)
    except ConfigError:
        return
    assert format_text(once) == once


@given(PIECES | SITES)
def test_formatting_keeps_the_meaning(meaning: Any, text: str) -> None:
    try:
        before = meaning(text)
    except ConfigError:
        return
    assert meaning(format_text(text)) == before


@given(SITES)
def test_formatting_keeps_the_meaning_of_variables(meaning: Any, text: str) -> None:
    assert meaning(format_text(text), {}) == meaning(text, {})


UNLIKE_CADDY = frozenset(
    {
        *(
            "backticks",
            "heredoc",
            "placeholders",
            "what would become a heredoc",
        ),  # Caddy 2.6 changes the text
        *("hash within a word", "backslash before a space", "continuation of nothing", "byte order mark"),
    }
)
SAME_AS_CADDY = {name: text for name, (text, _) in LAYOUT.items() if name not in UNLIKE_CADDY}


@pytest.mark.parametrize("text", SAME_AS_CADDY.values(), ids=SAME_AS_CADDY)
def test_layout_is_that_of_caddy(caddy_command: str, tmp_path: Path, text: str) -> None:
    file = tmp_path / "Caddyfile"
    file.write_text(text)
    run = subprocess.run([caddy_command, "fmt", str(file)], capture_output=True, text=True, check=False)
    assert format_text(text) == run.stdout
