"""SQLite's errors as ours. The codes and what they mean are `errors`'."""

from __future__ import annotations

import apsw

from gojinn.capabilities.sql.errors import SqlError

CONSTRAINTS = {
    apsw.SQLITE_CONSTRAINT_PRIMARYKEY: "unique",
    apsw.SQLITE_CONSTRAINT_UNIQUE: "unique",
    apsw.SQLITE_CONSTRAINT_ROWID: "unique",
    apsw.SQLITE_CONSTRAINT_FOREIGNKEY: "foreign-key",
    apsw.SQLITE_CONSTRAINT_NOTNULL: "not-null",
    apsw.SQLITE_CONSTRAINT_CHECK: "check",
    apsw.SQLITE_CONSTRAINT_DATATYPE: "type",
}

KINDS: dict[type[Exception], str] = {
    apsw.BusyError: "busy",
    apsw.LockedError: "busy",
    apsw.FullError: "full",
    apsw.TooBigError: "too-large",
    apsw.NoMemError: "too-large",
    apsw.MismatchError: "type",
    apsw.RangeError: "bad-parameter",
    apsw.BindingsError: "bad-parameter",
    apsw.AuthError: "denied",
    apsw.ReadOnlyError: "denied",
    apsw.CantOpenError: "unavailable",
    apsw.NotADBError: "unavailable",
    apsw.CorruptError: "unavailable",
    apsw.IOError: "unavailable",
}

BEGINNINGS = (
    ("no such ", "missing"),
    ("ambiguous column", "missing"),
    ("incomplete input", "syntax"),
    ("unrecognized token", "syntax"),
    ("duplicate column", "exists"),
    ("interrupted", "deadline"),
)
"""What SQLite says under its general code, which is most of what can be wrong with a statement."""

ENDINGS = (
    ("syntax error", "syntax"),
    ("already exists", "exists"),
    ("has no column named", "missing"),
    ("integer overflow", "range"),
    ("string or blob too big", "too-large"),
    ("malformed JSON", "type"),
)


def translated(error: Exception) -> SqlError:
    """Makes our error of one of apsw's."""
    text = str(error)
    if isinstance(error, OverflowError):
        return SqlError("bad-parameter", "an integer is outside of 64 bits", "SQLITE_RANGE")
    if isinstance(error, UnicodeEncodeError):
        return SqlError("bad-parameter", "a text is not valid Unicode: it has half of a surrogate pair")
    if isinstance(error, ValueError | TypeError):
        return SqlError("bad-parameter", text)
    return SqlError(code_of(error, text), text, detail_of(error), getattr(error, "error_offset", -1))


def code_of(error: Exception, text: str) -> str:
    """Finds the code of an error."""
    if isinstance(error, apsw.ConstraintError):
        return CONSTRAINTS.get(extended(error), "constraint")
    if isinstance(error, apsw.InterruptError):
        return "deadline"
    for kind, code in KINDS.items():
        if isinstance(error, kind):
            return code
    for beginning, code in BEGINNINGS:
        if text.startswith(beginning):
            return code
    for ending, code in ENDINGS:
        if ending in text:
            return code
    return "sql"


def detail_of(error: Exception) -> str:
    """SQLite's own name of an error's extended code."""
    names = apsw.mapping_extended_result_codes
    return str(names.get(extended(error)) or apsw.mapping_result_codes.get(extended(error) & 0xFF, ""))


def extended(error: Exception) -> int:
    """SQLite's extended code; 0 for an error of apsw itself."""
    code: int = getattr(error, "extendedresult", 0)
    return code
