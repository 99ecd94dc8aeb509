"""The options of the `libsql` directive. Serves nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import flag, line, option, read_value
from gojinn.config.units import BadValue, Secret, integer, parse_duration, parse_size, parse_text
from gojinn.libsql.tokens import Token, public_key
from gojinn.libsql.walls import Walls

TENANT = "tenant:"
"""How a database begins that each tenant has of its own."""
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What names of tenants and of their databases consist of: they become those of files."""


def read_token(node: Node, scope: Scope) -> Token:
    """Reads `auth_token [<tenant>] <secret>`."""
    if not 1 <= len(node.args) <= 2 or not node.args[-1].text:
        raise node.wrong_args("[<tenant>] <secret>")
    return Token(Secret(node.args[-1].text), node.args[0].text if len(node.args) == 2 else "")


def read_key(node: Node, scope: Scope) -> str:
    """Reads `jwt_key <key>`; returns its bytes in hexadecimal."""
    return read_value(node.one("<key>"), parse_key, node.text)


def parse_key(text: str) -> str:
    """Reads an Ed25519 public key; returns its bytes in hexadecimal."""
    try:
        return public_key(text).hex()
    except ValueError as error:
        raise BadValue(text, "an Ed25519 public key in PEM or base64") from error


def parse_time(text: str) -> float:
    """Reads a duration above zero; returns seconds."""
    seconds = parse_duration(text)
    if seconds <= 0:
        raise BadValue(text, "a duration above zero such as '10s'")
    return seconds


@dataclass(frozen=True, slots=True)
class LibsqlConfig:
    """libsql [<matcher>] <database> {
        auth_token          [<tenant>] <secret>
        read_only_token     [<tenant>] <secret>
        jwt_key             <key>
        no_auth
        namespace           <name>
        tenant              <name>
        idle_timeout        <duration>
        transaction_timeout <duration>
        query_timeout       <duration>
        max_rows            <n>
        max_response        <size>
        max_streams         <n>
    }

    Lets libSQL's clients (`@libsql/client`, `libsql`, Drizzle, DBeaver, …) use a SQLite database over HTTP
    and WebSocket, as they use Turso or sqld. The database is the path of a file, the same that functions
    name in `db_dsn`; `tenant:` and `tenant:<name>` are the databases that each tenant has of its own.

    Who has neither a token of these nor one that a key of these has signed (JWT with EdDSA) is not let in;
    without any the line `no_auth` lets everybody in. A JWT may say `"a": "ro"` to allow reading only.
    Requests for other paths than the protocol's go to the directives that follow.
    """

    database: str
    """The absolute path of a SQLite file, or `tenant:<name>`."""
    auth_tokens: tuple[Token, ...] = line(read_token, "[<tenant>] <secret>", repeat=True, name="auth_token")
    """Tokens that allow everything; with a tenant they are for that one's database."""
    read_only_tokens: tuple[Token, ...] = line(
        read_token, "[<tenant>] <secret>", repeat=True, name="read_only_token"
    )
    """Tokens that allow reading only."""
    jwt_keys: tuple[str, ...] = line(read_key, "<key>", repeat=True, name="jwt_key")
    """Ed25519 public keys, given in PEM or base64, kept in hexadecimal: whoever has a JWT that is signed with
    one is let in."""
    no_auth: bool = flag()
    """Whether everybody is let in, except for pages of other sites."""
    namespace: str = option(parse_text, "<name>", default="")
    """The namespace that a JWT has to be for if it names any; without this line it may name what it wants."""
    tenant: str = option(parse_text, "<name>", default="")
    """The tenant whose database it is; may be a placeholder. Without it the token tells, a JWT by its claim
    `id`."""
    idle_timeout: float = option(parse_time, "<duration>", unit="seconds", default=10.0)
    """How long a stream over HTTP, and a transaction, may be left alone; then it is undone."""
    transaction_timeout: float = option(parse_time, "<duration>", unit="seconds", default=20.0)
    """How long a transaction may keep others from writing; after that it is undone between two requests."""
    query_timeout: float = option(parse_time, "<duration>", unit="seconds", default=30.0)
    """How long one statement may take, including the wait for others that write."""
    max_rows: int = option(integer(1), "<n>", default=1_000_000)
    """Rows that one statement may return."""
    max_response: int = option(parse_size, "<size>", unit="bytes", default=32_000_000)
    """What the results of one request may take."""
    max_streams: int = option(integer(1), "<n>", default=1_000)
    """Streams over HTTP that one worker keeps open."""

    @property
    def walls(self) -> Walls:
        """What one stream may take."""
        return Walls(
            statement=self.query_timeout,
            transaction=self.transaction_timeout,
            idle=self.idle_timeout,
            rows=self.max_rows,
            bytes=self.max_response,
        )
