"""How far statements are read before a server gets them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.statements import read_statement, split


@pytest.mark.parametrize(
    ("dialect", "sql", "expected", "order"),
    [
        ("postgres", "select ?, ?", "select $1, $2", (0, 1)),
        ("mysql", "select ?, ?", "select %s, %s", (0, 1)),
        ("postgres", "select :b, :a, :b", "select $1, $2, $3", ("b", "a", "b")),
        ("postgres", "select $2, $1", "select $1, $2", (1, 0)),
        ("mysql", "select ?2, ?1", "select %s, %s", (1, 0)),
        ("postgres", "select '?', \":a\", ?", "select '?', \":a\", $1", (0,)),
        ("postgres", "select a::int, b?", "select a::int, b$1", (0,)),
        ("postgres", "select a ?? 'b'", "select a ? 'b'", ()),
        ("postgres", "select $$ ? $$, $x$ :a $$ $x$, ?", "select $$ ? $$, $x$ :a $$ $x$, $1", (0,)),
        ("postgres", r"select E'\'?', ?", r"select E'\'?', $1", (0,)),
        ("postgres", r"select '\', ?", r"select '\', $1", (0,)),
        ("mysql", r"select '\'?', ?", r"select '\'?', %s", (0,)),
        ("mysql", "select `?`, a # ?\n, ?", "select `?`, a # ?\n, %s", (0,)),
        ("mysql", "select a % 2, '%s', ?", "select a %% 2, '%%s', %s", (0,)),
        ("mysql", "select 5--3, ?", "select 5--3, %s", (0,)),
        ("postgres", "select 1 -- ? :a\n, ? /* :b */", "select 1 -- ? :a\n, $1 /* :b */", (0,)),
        ("postgres", "select 1;  -- and no more", "select 1 -- and no more", ()),
    ],
)
def test_marks_become_the_server_s(dialect: Any, sql: str, expected: str, order: Any) -> None:
    statement = read_statement(sql, dialect)
    assert statement.sql.split() == expected.split()
    assert statement.order == order


@pytest.mark.parametrize("sql", ["select 1; select 2", "select 1;;x", "; select 1"])
def test_several_statements_are_refused(sql: str) -> None:
    for dialect in ("postgres", "mysql"):
        with pytest.raises(SqlError, match="several statements"):
            read_statement(sql, dialect)  # type: ignore[arg-type]


@pytest.mark.parametrize("sql", ["begin", " /* x */ COMMIT", "rollback", "start transaction", "END"])
def test_transactions_have_operations_of_their_own(sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        read_statement(sql, "postgres")
    assert caught.value.code == "bad-request"


def test_savepoints_are_statements() -> None:
    for sql in ("savepoint a", "rollback to a", "release savepoint a"):
        assert read_statement(sql, "mysql").sql == sql


@pytest.mark.parametrize(
    ("sql", "lasting"),
    [
        ("select 1", False),
        ("update t set a = 1", False),
        ("set search_path = x", True),
        ("select set_config('a', 'b', false)", True),
        ("create temporary table t (a int)", True),
        ("select pg_advisory_lock(1)", True),
        ("listen x", True),
    ],
)
def test_what_may_leave_something_behind_is_known(sql: str, lasting: bool) -> None:
    assert read_statement(sql, "postgres").lasting is lasting


@given(st.text(alphabet="?:$'\"`\\-/*#; abE1%\n", max_size=60), st.sampled_from(["postgres", "mysql"]))
def test_any_text_is_read_or_refused(sql: str, dialect: Any) -> None:
    try:
        statement = read_statement(sql, dialect)
    except SqlError:
        return
    assert len(statement.order) <= sql.count("?") + sql.count(":") + sql.count("$")


@pytest.mark.parametrize("sql", ["select ?0", "select $0", "select ?65536", "select " + "?," * 70_000])
def test_parameters_have_numbers_that_a_protocol_has(sql: str) -> None:
    with pytest.raises(SqlError) as caught:
        read_statement(sql, "postgres")
    assert caught.value.code == "bad-parameter"


def test_long_statements_are_read_but_not_remembered() -> None:
    sql = "insert into t values " + ", ".join(["(?, 'x')"] * 20_000)
    assert read_statement(sql, "mysql").order == tuple(range(20_000))
    with pytest.raises(SqlError) as caught:
        read_statement("select '" + "x" * 300_000 + "'", "mysql")
    assert caught.value.code == "too-large"


def test_scripts_are_cut_into_statements() -> None:
    script = "create table a (b text); -- it's; one\ninsert into a values ('x;y'); ;\n/* end; */"
    assert split(script, "postgres") == [
        "create table a (b text)",
        "-- it's; one\ninsert into a values ('x;y')",
    ]
