"""Texts taken apart at their semicolons, and the parameters in them."""

from __future__ import annotations

import pytest

from gojinn.libsql.faults import StatementFailed
from gojinn.libsql.parameters import arguments, signed
from gojinn.libsql.script import single, statements
from gojinn.libsql.structs import Integer, NamedArg, Stmt

TRIGGER = "create trigger t after insert on a begin select 1; select ';'; end;"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" ;; -- x\n /* y */ ;", []),
        ("select 1", ["select 1"]),
        ("select 1;", ["select 1;"]),
        ("select 1; -- done", ["select 1;"]),
        ("a;b;c", ["a;", "b;", "c"]),
        ("select ';'; select \";\"; select `;`", ["select ';';", ' select ";";', " select `;`"]),
        ("select [;]; x", ["select [;];", " x"]),
        ("select 1 -- ;\n; /* ; */ x", ["select 1 -- ;\n;", " /* ; */ x"]),
        ("select 'it''s; one'; x", ["select 'it''s; one';", " x"]),
        (TRIGGER + " x;", [TRIGGER, " x;"]),
        ("select 'open; x", ["select 'open; x"]),
        ("/* open ; x", []),
    ],
)
def test_statements_end_at_their_semicolons(text: str, expected: list[str]) -> None:
    assert list(statements(text)) == expected
    assert single(text) == expected[:2]


def test_a_script_with_many_statements_takes_little_time() -> None:
    assert sum(1 for _ in statements("insert into t values (1);\n" * 20_000)) == 20_000


@pytest.mark.parametrize(
    ("sql", "names", "expected"),
    [
        ("select ?, :a, @b, ?6, :a", (None, "a", "b", None, None, "6"), [None, ":a", "@b", None, None, "?6"]),
        ("select ?2, ?, :x, ?1", ("1", "2", None, "x"), ["?1", "?2", None, ":x"]),
        ("select :a, @a, $a", ("a", "a", "a"), [":a", "@a", "$a"]),
        ("select :ключ, @🐎", ("ключ", "🐎"), [":ключ", "@🐎"]),
        ("select ':a', \"@a\", $a -- ?a", ("a",), ["$a"]),
        ("select $a::b(c)", ("a::b(c)",), ["$a::b(c)"]),
    ],
)
def test_parameters_get_their_signs_back(
    sql: str, names: tuple[str | None, ...], expected: list[str | None]
) -> None:
    assert signed(sql, names) == expected


def one(name: str) -> NamedArg:
    return NamedArg(name, Integer("1"))


def two(name: str) -> NamedArg:
    return NamedArg(name, Integer("2"))


def test_an_argument_as_written_goes_before_a_bare_one() -> None:
    stmt = Stmt(named_args=[one("a"), two(":a")])
    with pytest.raises(StatementFailed):
        arguments(stmt, "select :a", ("a",))
    assert arguments(Stmt(named_args=[one("a"), two("@a")]), "select :a, @a", ("a", "a")) == [1, 2]


def test_arguments_that_do_not_fit_are_told() -> None:
    for stmt, message in (
        (Stmt(), "value for parameter :a not found"),
        (Stmt(args=[Integer("1"), Integer("2")]), "expected 1 found 2"),
        (Stmt(named_args=[one("b")]), "value for parameter :a not found"),
        (Stmt(named_args=[one("a"), one("b")]), "the statement has no parameter b"),
    ):
        with pytest.raises(StatementFailed, match=message):
            arguments(stmt, "select :a", ("a",))
