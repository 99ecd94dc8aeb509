"""Reads statements as far as a host has to: parameters, where one ends, what kind it is. Parses no SQL.

All engines take `?` by position and `:name` by name; here these become what a server's protocol has. `??` is
a question mark that marks none (PostgreSQL has operators with one).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import Parameters, Value

Dialect = Literal["postgres", "mysql", "libsql"]

SPACE = {
    "postgres": r"|(?P<space>\s+|--[^\n]*|/\*.*?\*/)",
    "libsql": r"|(?P<space>\s+|--[^\n]*|/\*.*?\*/)",
    "mysql": r"|(?P<space>\s+|--(?=\s|\Z)[^\n]*|/\*(?!!).*?\*/|\#[^\n]*)",
}
QUOTED = {
    "postgres": r"(?P<quoted>[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\""
    r"|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)",
    "libsql": r"(?P<quoted>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|`(?:[^`]|``)*`|\[[^\]]*\])",
    "mysql": r"(?P<quoted>'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.|\"\")*\"|`(?:[^`]|``)*`)",
}
REST = (
    r"|(?P<mark>\?\?)|\?(?P<number>\d*)|\$(?P<dollar>\d+)|(?P<cast>::)"
    r"|:(?P<name>[A-Za-z_]\w*)|(?P<end>;)|(?P<word>[\w$]+)|(?P<other>[(),.*=<>+|&!^~@{}\]]+|.)"
)
TOKENS = {each: re.compile(QUOTED[each] + SPACE[each] + REST, re.DOTALL) for each in QUOTED}

KEPT = 8_192
"""Characters of a statement that is remembered, by its text."""
LONGEST = 256 << 10
"""Characters of a statement; reading that many takes a tenth of a second."""
MOST = 65_535
"""Parameters of a statement, as the protocols of the servers have it."""

READING = frozenset({"select", "with", "values", "table", "show", "explain", "describe", "desc"})
"""First words of statements that may only read. A WITH may write: the server sees to that."""

REPEATABLE = frozenset({"select", "values", "table", "show", "describe", "desc"})

CONTROL = frozenset({"begin", "start", "commit", "rollback", "end", "abort", "prepare", "xa"})
"""First words of statements that begin or end a transaction."""

HARMLESS = READING | {"insert", "update", "delete", "merge", "replace", "create", "alter", "drop", "truncate"}

LASTING = re.compile(
    r"\b(set_config|temp|temporary|pg_temp|get_lock|setval|pg_\w*advisory\w*|into\s+@)\b|:=", re.IGNORECASE
)
"""What may leave something behind on a connection, in statements that usually do not."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, as it is sent."""

    sql: str
    order: tuple[int | str, ...]
    """The parameter behind each mark: its number from 0, or its name."""
    numbers: tuple[int, ...]
    """The same by number alone, which is fine where each name stands once, as in SQLite."""
    count: int
    """Parameters that it takes by position."""
    word: str
    """Its first word, in lower case."""
    lasting: bool
    """Whether it may leave something behind on the connection."""

    @property
    def may_read_only(self) -> bool:
        """Whether its first word does not tell that it writes."""
        return self.word in READING

    @property
    def repeatable(self) -> bool:
        """Whether running it twice is like running it once."""
        return self.word in REPEATABLE

    def arranged(self, parameters: Parameters) -> list[Value]:
        """Brings parameters into order. Raises SqlError."""
        if isinstance(parameters, Mapping):
            return self.by_name(parameters)
        return self.by_position(parameters)

    def by_name(self, parameters: Mapping[str, Value]) -> list[Value]:
        for each in self.order:
            if isinstance(each, int):
                raise SqlError("bad-parameter", "the statement marks parameters by '?', expected an array")
            if each not in parameters:
                raise SqlError("bad-parameter", f"parameter '{each}' of the statement is missing")
        if unknown := sorted(parameters.keys() - set(self.order)):
            raise SqlError("bad-parameter", f"the statement has no parameter '{unknown[0]}'")
        return [parameters[name] for name in self.order if isinstance(name, str)]

    def by_position(self, parameters: Sequence[Value]) -> list[Value]:
        if len(parameters) != self.count:
            given = f"given {len(parameters)}, expected {self.count}"
            raise SqlError("bad-parameter", f"wrong number of parameters: {given}")
        return [parameters[number] for number in self.numbers]


def read_statement(sql: str, dialect: Dialect) -> Statement:
    """Reads a statement. Raises SqlError for several, for a long one, for BEGIN, COMMIT and the like."""
    if len(sql) <= KEPT:
        return read_kept(sql, dialect)
    if len(sql) > LONGEST:
        raise SqlError("too-large", f"the statement is longer than {LONGEST} characters")
    return read_anew(sql, dialect)


def read_anew(sql: str, dialect: Dialect) -> Statement:
    """Reads a statement that was not read before."""
    parts: list[str] = []
    order: list[int | str] = []
    words: list[str] = []
    largest = [-1]
    ended = False
    for token in TOKENS[dialect].finditer(sql):
        kind = token.lastgroup or "number"
        text = token[0]
        if kind == "end":
            ended = True
            continue
        if kind == "space":
            parts.append(" " if text.isspace() else escaped(text, dialect))
            continue
        if ended:
            raise SqlError("syntax", "the text holds several statements, expected one")
        if kind == "word" and len(words) < 2:
            words.append(text.lower())
        parts.append(placed(token, order, largest, dialect))
    word = words[0] if words else ""
    check_control(word, words)
    lasting = word not in HARMLESS or LASTING.search(sql) is not None
    numbers, count = numbered(order)
    return Statement("".join(parts), tuple(order), numbers, count, word, lasting)


def numbered(order: Sequence[int | str]) -> tuple[tuple[int, ...], int]:
    """Tells which parameter by position is behind each mark, and how many there are."""
    if any(isinstance(each, str) for each in order):
        distinct = {each: number for number, each in enumerate(dict.fromkeys(order))}
        return tuple([distinct[each] for each in order]), len(distinct)
    numbers = tuple([each for each in order if isinstance(each, int)])
    return numbers, max(numbers, default=-1) + 1


read_kept = lru_cache(4_000)(read_anew)


def split(text: str, dialect: Dialect) -> list[str]:
    """Cuts a script into its statements, which keep their comments."""
    found = [""]
    for token in TOKENS[dialect].finditer(text):
        if token.lastgroup == "end":
            found.append("")
        else:
            found[-1] += token[0]
    return [each.strip() for each in found if first_word(each, dialect)]


def first_word(sql: str, dialect: Dialect) -> str:
    """The first word of a statement, in lower case; empty where there is nothing but space and comments."""
    tokens = TOKENS[dialect].finditer(sql)
    return next((token[0].lower() for token in tokens if token.lastgroup not in ("space", "other")), "")


def placed(token: re.Match[str], order: list[int | str], largest: list[int], dialect: Dialect) -> str:
    """Writes a token as the server takes it, noting the parameter that it stands for."""
    if token["mark"]:
        return "?"
    given = token["number"] or (token["dollar"] if dialect == "postgres" else None)
    if token["name"]:
        order.append(token["name"])
    elif given or token[0] == "?":
        number = int(given) - 1 if given else largest[0] + 1
        if not 0 <= number < MOST:
            raise SqlError("bad-parameter", f"parameters are numbered from 1 to {MOST}")
        largest[0] = max(largest[0], number)
        order.append(number)
    else:
        return escaped(token[0], dialect)
    if len(order) > MOST:
        raise SqlError("bad-parameter", f"the statement marks more than {MOST} parameters")
    return MARKS.get(dialect) or f"${len(order)}"


MARKS: Mapping[Dialect, str] = {"mysql": "%s", "libsql": "?"}
"""What stands for a parameter where all look alike."""


def escaped(text: str, dialect: Dialect) -> str:
    """Writes what is no parameter; MySQL's driver formats with percent signs."""
    return text.replace("%", "%%") if dialect == "mysql" else text


def check_control(word: str, words: Sequence[str]) -> None:
    """Raises SqlError for a statement that begins or ends a transaction; savepoints are fine."""
    if word in CONTROL and words[1:] != ["to"]:
        hint = "use sql.begin, sql.commit and sql.rollback"
        raise SqlError("bad-request", f"'{word.upper()}' is not run as a statement: {hint}")
