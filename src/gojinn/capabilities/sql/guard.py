"""What statements may not do to a SQLite database: the authorizer. Read-only grants are elsewhere.

SQLite asks while it prepares a statement, before any of it has run.
"""

from __future__ import annotations

from dataclasses import dataclass

import apsw

OK, DENY = apsw.SQLITE_OK, apsw.SQLITE_DENY

INSPECTING = frozenset(
    {
        *("application_id", "collation_list", "compile_options", "data_version", "encoding"),
        *("foreign_key_check", "foreign_key_list", "foreign_keys", "freelist_count", "function_list"),
        *("index_info", "index_list", "index_xinfo", "integrity_check", "journal_mode", "max_page_count"),
        *("module_list", "page_count", "page_size", "pragma_list", "quick_check", "schema_version"),
        *("table_info", "table_list", "table_xinfo", "user_version"),
    }
)
"""Pragmas that only tell something. Not `database_list`, which tells where files of the host are."""

TAKE_ARGUMENT = frozenset(
    {
        *("foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo"),
        *("integrity_check", "quick_check", "table_info", "table_list", "table_xinfo"),
        # These change something, but only within the database or the transaction.
        *("application_id", "defer_foreign_keys", "user_version"),
    }
)
"""Pragmas whose argument is harmless; the argument of any other one changes the connection."""

AS_THEY_ARE = {"foreign_keys": ("1", "on", "true", "yes"), "journal_mode": ("wal",)}
"""Values of pragmas that change nothing."""

WITHOUT_ARGUMENT = INSPECTING | {"defer_foreign_keys", "optimize"}

FORBIDDEN_FUNCTIONS = frozenset({"load_extension", "fts3_tokenizer", "readfile", "writefile", "edit"})

SLOW_FUNCTIONS = frozenset(
    {
        *("like", "glob", "regexp", "match", "replace", "printf", "format", "zeroblob", "randomblob"),
        *("group_concat", "string_agg", "concat", "concat_ws", "instr", "hex", "unhex", "quote"),
    }
)
"""Functions whose time grows with what they are given, in one step that nothing can interrupt."""

MODULES = frozenset({"fts5", "fts4", "rtree", "geopoly"})
"""Virtual tables that may be made: they keep what they have in the database itself."""

TEMPORARY = frozenset(
    {
        *(apsw.SQLITE_CREATE_TEMP_TABLE, apsw.SQLITE_CREATE_TEMP_INDEX, apsw.SQLITE_CREATE_TEMP_TRIGGER),
        apsw.SQLITE_CREATE_TEMP_VIEW,
    }
)


@dataclass(frozen=True, slots=True)
class Policy:
    """What differs between those who run statements."""

    pragmas: frozenset[str] = frozenset()
    """Further pragmas, which may have any argument."""
    own_file: str = "a function has its own database only, which 'db_dsn' names in its block"
    """What to tell somebody who tries to leave the file."""


class Guard:
    """The authorizer of one connection. It also notes what a statement is made of while it is prepared."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.reason = ""
        """Why the last statement was denied."""
        self.control = ""
        """BEGIN, COMMIT, ROLLBACK or SAVEPOINT, when it was one of those."""
        self.quick = True
        """Whether each of its steps takes a short time."""
        self.steady = False
        """Whether a transaction that is open has to stay so."""

    def forget(self) -> None:
        """Gets ready for the next statement."""
        self.reason = self.control = ""
        self.quick = True

    def __call__(
        self, action: int, first: str | None, second: str | None, database: str | None, trigger: str | None
    ) -> int:
        """Says whether a statement may do this; SQLite's `sqlite3_set_authorizer` lists the actions."""
        if action in (apsw.SQLITE_READ, apsw.SQLITE_SELECT):
            return OK
        if action == apsw.SQLITE_FUNCTION:
            return self.function((second or "").lower())
        if action == apsw.SQLITE_PRAGMA:
            return self.pragma((first or "").lower(), second)
        if action in (apsw.SQLITE_TRANSACTION, apsw.SQLITE_SAVEPOINT):
            if self.steady and action == apsw.SQLITE_TRANSACTION:
                return self.deny(f"'{first}' is never granted here: all runs in one transaction")
            self.control = (first or "").upper() if action == apsw.SQLITE_TRANSACTION else "SAVEPOINT"
            return OK
        if action in (apsw.SQLITE_ATTACH, apsw.SQLITE_DETACH):
            word = "ATTACH" if action == apsw.SQLITE_ATTACH else "DETACH"
            return self.deny(f"'{word}' and 'VACUUM' are never granted: {self.policy.own_file}")
        if action in TEMPORARY:
            return self.deny("temporary tables are never granted: connections are shared; use a table")
        if action == apsw.SQLITE_CREATE_VTABLE and (second or "").lower() not in MODULES:
            allowed = ", ".join(sorted(MODULES))
            return self.deny(f"virtual table module '{second}' is never granted: expected one of {allowed}")
        if database == "temp":
            return self.deny("the schema 'temp' is never granted: connections are shared; use a table")
        return OK

    def function(self, name: str) -> int:
        """Judges the use of a function."""
        if name in FORBIDDEN_FUNCTIONS:
            return self.deny(f"function '{name}' is never granted: {self.policy.own_file}")
        if name in SLOW_FUNCTIONS:
            self.quick = False
        return OK

    def pragma(self, name: str, argument: str | None) -> int:
        """Judges a pragma."""
        self.quick = False
        if name in self.policy.pragmas or name in TAKE_ARGUMENT:
            return OK
        if argument is None and name in WITHOUT_ARGUMENT:
            return OK
        if argument is not None and argument.lower() in AS_THEY_ARE.get(name, ()):
            return OK
        if name in WITHOUT_ARGUMENT:
            return self.deny(f"'PRAGMA {name}' with a value is never granted: the host sets it")
        return self.deny(f"'PRAGMA {name}' is never granted: the host looks after the database's settings")

    def deny(self, reason: str) -> int:
        """Remembers why."""
        self.reason = reason
        return DENY
