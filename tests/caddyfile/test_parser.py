"""Blocks, keys, braces and snippets."""

from __future__ import annotations

from typing import Any

import pytest

from gojinn.caddyfile.parser import DEEPEST, parse
from gojinn.errors import ConfigError

SITES: dict[str, tuple[str, list[tuple[list[str], list[Any]]]]] = {
    "empty file": ("", []),
    "only a comment": ("# c", []),
    "site": ("a {\n\tb c\n}", [(["a"], [("b", "c")])]),
    "empty site": ("a {\n}", [(["a"], [])]),
    "address alone": ("a", [(["a"], [])]),
    "site without braces": ("a\nb c\nd {\n\te\n}", [(["a"], [("b", "c"), ("d", [("e",)])])]),
    "brace on the next line": ("a\n{\n\tb\n}", [(["a"], [("b",)])]),
    "several addresses": ("a, b c {\n}", [(["a", "b", "c"], [])]),
    "addresses over lines": ("a,\nb,\nc\nd", [(["a", "b", "c"], [("d",)])]),
    "comma alone": ("a , b {\n}", [(["a", "b"], [])]),
    "two sites": ("a {\n}\nb {\n}", [(["a"], []), (["b"], [])]),
    "nested": ("a {\n b {\n  c {\n   d\n  }\n }\n e\n}", [(["a"], [("b", [("c", [("d",)])]), ("e",)])]),
    "empty block": ("a {\n b {\n }\n}", [(["a"], [("b", [])])]),
    "quoted brace": ('a {\n b "{"\n c "}"\n}', [(["a"], [("b", "{"), ("c", "}")])]),
    "quoted brace as directive": ('a {\n "}"\n}', [(["a"], [("}",)])]),
    "empty braces within a line": ("a {\n b {} c\n}", [(["a"], [("b", "{}", "c")])]),
    "quoted import": ('a {\n "import" b\n}', [(["a"], [("import", "b")])]),
    "comments around braces": ("a { # x\n b { # y\n } # z\n} # w", [(["a"], [("b", [])])]),
    "continued block line": ("a {\n b \\\n  c {\n  d\n }\n}", [(["a"], [("b", "c", [("d",)])])]),
    "heredoc before a block": ("a {\n b <<X\n x\n X {\n  d\n }\n}", [(["a"], [("b", "x", [("d",)])])]),
}


@pytest.mark.parametrize(("text", "expected"), SITES.values(), ids=SITES)
def test_text_becomes_sites(meaning: Any, text: str, expected: Any) -> None:
    assert meaning(text) == ([], expected)


def test_first_block_without_address_holds_options(meaning: Any) -> None:
    assert meaning("{\n\ta b\n}\n:80 {\n}") == ([("a", "b")], [([":80"], [])])


def test_snippets_may_stand_before_options(meaning: Any) -> None:
    assert meaning("(s) {\n\tdebug\n}\n{\n\timport s\n}\n:80") == ([("debug",)], [([":80"], [])])


def test_variables_are_filled_in_before_words_are_split(meaning: Any) -> None:
    env = {"SITES": "a,\nb", "BLOCK": "c {\n\td\n}", "NONE": ""}
    assert meaning("{$SITES} {\n{$BLOCK} {$NONE}\n}", env) == ([], [(["a", "b"], [("c", [("d",)])])])


def test_quotes_in_a_variable_count(meaning: Any) -> None:
    assert meaning("a\nb {$X}", {"X": '"c  d" e'}) == ([], [(["a"], [("b", "c  d", "e")])])


ERRORS = {
    "site not closed": ("a {\n b", "1:3", "this '{' is never closed"),
    "block not closed": ("a {\n b {\n", "2:4", "this '{' is never closed"),
    "snippet not closed": ("(s) {\n b {\n }\n", "1:5", "this '{' is never closed"),
    "closed too often": ("a {\n}\n}", "3:1", "unexpected '}': no block is open"),
    "closed without a block": ("a\nb\n}", "3:1", "unexpected '}': no block is open"),
    "closed in the first line": ("}", "1:1", "unexpected '}': no block is open"),
    "brace glued to an address": ("a{\n}", "1:1", "no space before the '{' of 'a{'"),
    "brace glued to a directive": ("a {\n b c{\n }\n}", "2:4", "no space before the '{' of 'c{'"),
    "brace on its own line": ("a {\n b\n {\n }\n}", "3:2", "unexpected '{' on a line of its own"),
    "words after an opening brace": ("a {\n b { c\n }\n}", "2:6", "unexpected 'c' after '{'"),
    "words after a closing brace": ("a {\n b {\n } c\n}", "3:4", "unexpected 'c' after '}'"),
    "site on one line": ("a { b }", "1:5", "unexpected 'b' after '{'"),
    "closing brace after words": ("a {\n b }\n}", "2:4", "unexpected '}' after other words"),
    "empty braces": ("a {\n b {}\n}", "2:4", "unexpected '{}' at the end of a line"),
    "comma before a brace": ("a, {\n}", "1:4", "expected another address after the comma"),
    "comma before a brace below": ("a,\n{\n}", "2:1", "expected another address after the comma"),
    "comma at the end": ("a,", "1:1", "expected another address after the comma"),
    "comma inside of an address": ("a,b {\n}", "1:1", "comma inside of the address"),
    "empty address": ('"" {\n}', "1:1", "the address is empty"),
    "second block without address": ("a {\n}\n{\n}", "3:1", "must come first"),
    "second options": ("{\n}\n{\n}", "3:1", "must come first"),
    "options on one line": ("{ debug\n}", "1:3", "unexpected 'debug' after '{'"),
    "snippet without block": ("(s)\na", "1:1", "snippet '(s)' has no block"),
    "snippet twice": ("(s) {\n}\n(s) {\n}", "3:1", "snippet '(s)' is defined twice"),
    "import of nothing": ("a {\n import\n}", "2:2", "'import' needs the name"),
    "import of an empty name": ('a {\n import ""\n}', "2:2", "'import' needs the name"),
    "import with a block": ("a {\n import s {\n }\n}", "2:11", "'import' takes no block"),
    "argument outside of a snippet": ("a {\n b {args[0]}\n}", "2:4", "'{args[0]}' has no value"),
    "argument in an address": ("{args.0} {\n}", "1:1", "'{args.0}' has no value"),
}


@pytest.mark.parametrize(("text", "where", "message"), ERRORS.values(), ids=ERRORS)
def test_wrong_structure_is_an_error_at_its_place(text: str, where: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse("Caddyfile", text)
    assert str(caught.value.place) == f"Caddyfile:{where}"
    assert message in caught.value.message


def test_deepest_nesting_is_accepted(meaning: Any) -> None:
    text = "a {\n" + "b {\n" * (DEEPEST - 1) + "}\n" * DEEPEST
    assert len(meaning(text)[1]) == 1


def test_deeper_nesting_is_an_error() -> None:
    with pytest.raises(ConfigError, match=f"nested deeper than {DEEPEST}"):
        parse("Caddyfile", "a {\n" + "b {\n" * DEEPEST + "}\n" * (DEEPEST + 1))
