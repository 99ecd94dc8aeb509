"""Which argument goes to which parameter of a statement. Values as such are `values`'."""

from __future__ import annotations

import re
from collections.abc import Sequence

from gojinn.libsql.faults import StatementFailed
from gojinn.libsql.structs import Stmt
from gojinn.libsql.values import Plain, plain

MARKED = re.compile(
    r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|/\*.*?(?:\*/|\Z)"""
    r"""|\?(?P<number>\d*)|(?P<mark>[:@$](?:[\w$\x80-\U0010ffff]|::)+(?:\([^)\s]*\))?)""",
    re.DOTALL,
)
"""Texts, quoted names and comments, which hold no parameters, and parameters."""


def signed(sql: str, names: Sequence[str | None]) -> list[str | None]:
    """Adds the signs that mark the parameters of a statement to their names, which SQLite leaves out.

    It numbers parameters as SQLite does: `?7` is the seventh, others follow the highest number before.
    """
    if not any(names):
        return [None] * len(names)
    found: dict[int, str] = {}
    numbers: dict[str, int] = {}
    highest = 0
    for each in MARKED.finditer(sql):
        mark, number = each["mark"], each["number"]
        if mark is None and number is None:
            continue
        at = int(number) if number else numbers.get(mark or "", highest + 1)
        highest = max(highest, at)
        if number != "":
            text = mark or f"?{number}"
            numbers.setdefault(text, at)
            found.setdefault(at, text)
    return [None if name is None else found.get(index, f":{name}") for index, name in enumerate(names, 1)]


def arguments(stmt: Stmt, sql: str, names: Sequence[str | None]) -> list[Plain]:
    """Returns the values of a statement's parameters, in their order.

    Names go before positions. Raises StatementFailed for one that lacks, or that nothing asks for.
    """
    given = [plain(value) for value in stmt.args or ()]
    named = {each.name: plain(each.value) for each in stmt.named_args or ()}
    if not names and not given and not named:
        return []
    if len(given) > len(names):
        raise mismatch(f"too many parameters, expected {len(names)} found {len(given)}")
    marks = signed(sql, names)
    unused = set(named)
    values: list[Plain] = []
    for index, mark in enumerate(marks):
        key = key_of(mark, named)
        if key is not None:
            unused.discard(key)
            values.append(named[key])
        elif index < len(given):
            values.append(given[index])
        elif mark is None and named and index + 1 < len(marks):
            values.append(None)  # a hole, such as ?1 of 'select ?2'
        else:
            raise mismatch(f"value for parameter {mark or index + 1} not found")
    if unused:
        raise mismatch(f"the statement has no parameter {', '.join(sorted(unused))}")
    return values


def key_of(mark: str | None, named: dict[str, Plain]) -> str | None:
    """Finds the name under which a parameter's value was given: as it stands in the statement, or bare."""
    if mark is None or not named:
        return None
    return next((key for key in (mark, mark[1:]) if key in named), None)


def mismatch(reason: str) -> StatementFailed:
    """Makes the error for arguments that do not fit."""
    return StatementFailed("ARGS_INVALID", f"Arguments do not match SQL parameters: {reason}")
