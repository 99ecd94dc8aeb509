"""The options of a function for its database. Opens none."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import line, option, path
from gojinn.config.units import BadValue, Secret, integer, parse_duration, parse_size, parse_text

Engine = Literal["sqlite", "postgres", "mysql", "libsql"]

DRIVERS: dict[str, Engine] = {
    "sqlite": "sqlite",
    "sqlite3": "sqlite",
    "postgres": "postgres",
    "mysql": "mysql",
    "libsql": "libsql",
}

SCHEMES: dict[str, Engine] = {
    "postgres": "postgres",
    "postgresql": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "libsql": "libsql",
    "http": "libsql",
    "https": "libsql",
    "ws": "libsql",
    "wss": "libsql",
}
"""What the scheme of a DSN says about the engine."""

TENANT = "tenant:"
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
ELSEWHERE = re.compile(r"tenant:|[a-z0-9+]+://|\{env\.|[^/]*@(tcp|unix)\(|\w+=", re.IGNORECASE)
"""How a DSN begins that is not the path of a file."""

DEFAULT_QUOTA = 1 << 30


def parse_driver(text: str) -> str:
    """Reads a driver's name."""
    if text not in DRIVERS:
        raise BadValue(text, f"one of {', '.join(DRIVERS)}")
    return text


def parse_limit(text: str) -> float:
    """Reads a duration above zero; returns seconds."""
    seconds = parse_duration(text)
    if seconds <= 0:
        raise BadValue(text, "a duration above zero such as '10s'")
    return seconds


def parse_quota(text: str) -> int:
    """Reads how large a file may become; returns bytes."""
    size = parse_size(text)
    if size < 64 << 10:
        raise BadValue(text, "a size from '64KiB'")
    return size


def read_dsn(node: Node, scope: Scope) -> Secret:
    """Reads `db_dsn <dsn>`. The path of a file starts at the Caddyfile's folder."""
    if len(node.args) != 1 or not node.args[0].text:
        raise node.error(f"wrong arguments for 'db_dsn': given {len(node.args)}, expected <dsn>")
    text = node.args[0].text
    for prefix in ("sqlite://", "sqlite:", "file:"):
        text = text.removeprefix(prefix)
    if ELSEWHERE.match(text) or text == ":memory:":
        return Secret(text)
    return Secret(scope.path(dataclasses.replace(node.args[0], text=text)))


def read_token(node: Node, scope: Scope) -> Secret:
    """Reads `db_sync_token <token>`."""
    if len(node.args) != 1:
        raise node.error(f"wrong arguments for 'db_sync_token': given {len(node.args)}, expected <token>")
    return Secret(node.args[0].text)


@dataclass(frozen=True, slots=True)
class SqlConfig:
    """db_driver       sqlite|sqlite3|postgres|mysql|libsql
    db_dsn          <dsn>
    db_sync_url     <url>
    db_sync_token   <token>
    migrations      <folder>
    db_pool         <n>
    db_tenant_pool  <n>
    db_max_rows     <n>
    db_max_bytes    <size>
    db_quota        <size>
    db_tx_timeout   <duration>
    """

    db_driver: str = option(parse_driver, "|".join(DRIVERS), default="")
    """The engine; without it the DSN tells. `sqlite3` is `sqlite`, `mysql` is MariaDB's too."""

    db_dsn: Secret | None = line(read_dsn, "<dsn>", default=None)
    """The database: the path of a SQLite file, `tenant:` or `tenant:<name>` for one of each tenant,
    `postgres://user:password@host/name`, `mysql://user:password@host/name`, `libsql://host`."""

    db_sync_url: str = option(parse_text, "<url>", default="")
    """URL of a libSQL server. Statements go there, whatever file `db_dsn` names."""

    db_sync_token: Secret | None = line(read_token, "<token>", default=None)
    """What that server lets us in with."""

    migrations: str = path("<folder>", kind="folder", default="")
    """Folder of `.sql` files that make the schema. Each runs once in a database, in the order of names."""

    db_pool: int = option(integer(1, 1_000), "<n>", default=10)
    """Connections that one worker opens to the database at most, for SQLite those that read."""

    db_tenant_pool: int = option(integer(0, 1_000), "<n>", default=0)
    """How many of these one tenant may hold at once; 0 is all."""

    db_max_rows: int = option(integer(1, 1_000_000), "<n>", default=10_000)
    """Rows that one statement may return. `sql.fetch` returns as many as there are, in parts."""

    db_max_bytes: int = option(parse_size, "<size>", unit="bytes", default=8 << 20)
    """Memory that these may take, some 50 bytes a value more than their content."""

    db_quota: int | None = option(parse_quota, "<size>", unit="bytes", default=None)
    """What a SQLite file may grow to; a tenant's has 1 GiB when nothing is said."""

    db_tx_timeout: float = option(parse_limit, "<duration>", unit="seconds", default=10.0)
    """How long a transaction may stay open; then it is undone."""

    @property
    def engine(self) -> Engine | None:
        """The engine; None when no database is named, or nothing tells which."""
        if self.db_driver:
            return DRIVERS[self.db_driver]
        if self.db_sync_url:
            return "libsql"
        if self.db_dsn is None:
            return None
        text = self.db_dsn.reveal()
        if "://" in text:
            return SCHEMES.get(urlsplit(text).scheme.lower())
        if re.match(r"[^/]*@(tcp|unix)\(", text):
            return "mysql"
        return "postgres" if re.match(r"\w+=", text) else "sqlite"

    @property
    def tenant_database(self) -> str | None:
        """Name of the tenant's own database; None when it is not one of those."""
        text = "" if self.db_dsn is None else self.db_dsn.reveal()
        return text.removeprefix(TENANT) or "main" if text.startswith(TENANT) else None

    def problem(self) -> tuple[str, str] | None:
        """What is wrong with the options together: the line to blame and what to say."""
        if self.db_dsn is None:
            if self.db_driver and not self.db_sync_url:
                return "db_driver", "'db_driver' needs the line 'db_dsn <dsn>'"
            return None
        text = self.db_dsn.reveal()
        if "{env." in text:
            return None
        if self.engine is None:
            return "db_dsn", f"wrong scheme in 'db_dsn': expected one of {', '.join(SCHEMES)}, or a path"
        if self.engine == "sqlite":
            return self.problem_of_file(text)
        scheme = urlsplit(text).scheme.lower() if "://" in text else ""
        if scheme and SCHEMES.get(scheme) != self.engine:
            return "db_dsn", f"'db_dsn' is not one of driver '{self.db_driver}': given scheme '{scheme}'"
        return None

    def problem_of_file(self, text: str) -> tuple[str, str] | None:
        """The same for SQLite."""
        if text == ":memory:":
            return "db_dsn", "'db_dsn' is ':memory:', expected the path of a file or 'tenant:'"
        if "://" in text:
            return "db_dsn", f"'db_dsn' of driver '{self.db_driver}' is a URL, expected a path or 'tenant:'"
        name = self.tenant_database
        if name is not None and not NAME.fullmatch(name):
            expected = "1 to 64 letters, digits, '_' or '-'"
            return "db_dsn", f"wrong name in 'db_dsn': given '{name}', expected {expected}"
        return None
