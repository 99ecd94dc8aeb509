"""Databases for tests of SQL."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gojinn.capabilities.imports import CAPABILITIES
from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads
from gojinn.config.units import Secret
from gojinn.engine.cache import CompileCache
from gojinn.fabric.node import Access, Node
from gojinn.functions.config import FunctionConfig
from gojinn.functions.function import Function
from gojinn.functions.permissions import Permissions
from gojinn.testing.databases import mariadb, postgres
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform, opened_platform
from gojinn.testing.script import Script
from gojinn.trust.permissions import Grant


@pytest.fixture
def threads() -> Iterator[Threads]:
    threads = Threads(4)
    yield threads
    threads.close()


@pytest.fixture
async def file(tmp_path: Path, threads: Threads) -> AsyncIterator[SqliteFile]:
    """A file with one table."""
    async with SqliteFile(str(tmp_path / "test.db"), threads) as file:
        await file.execute("create table note (id integer primary key, text text unique not null)")
        yield file
        assert file.users == 0, "somebody kept a connection"


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> CompileCache:
    """One cache for all tests: modules are compiled once."""
    return CompileCache(tmp_path_factory.mktemp("cache"))


@pytest.fixture
async def platform(cache: CompileCache, tmp_path: Path) -> AsyncIterator[Platform]:
    """An engine with a data directory."""
    node = Node("test", tmp_path / "data", Access(()))
    served = [
        c if c.word in ("call", "log", "sql") else dataclasses.replace(c, open=None) for c in CAPABILITIES
    ]
    async with opened_platform(cache, services={Node: node}, capabilities=served) as platform:
        yield platform


Call = tuple[str, Any]
"""An operation and its request."""


class Client:
    """A function that makes the calls it is given."""

    def __init__(self, platform: Platform, function: Function) -> None:
        self.function = function
        self.script = Script(platform, function)

    async def calls(self, *calls: Call, **options: Any) -> list[Any]:
        """Makes calls in one invocation; returns the answer to each."""
        lines = (("call", name, json.dumps(request)) for name, request in calls)
        return (await self.script(*lines, **options)).json

    async def call(self, name: str, **request: Any) -> Any:
        """Makes one call."""
        return (await self.calls((name, request)))[0]

    async def query(self, sql: str, *params: Any) -> Any:
        """Runs a statement; returns its rows, or the code of its error."""
        answer = await self.call("sql.query", sql=sql, params=list(params))
        return answer["error"]["code"] if "error" in answer else answer["rows"]


def permissions_for(*granted: str) -> Permissions:
    """What the guest `script` imports, and these lines for the database."""
    return dataclasses.replace(Permissions.everything(), db=tuple(Grant("db", action) for action in granted))


Connect = Callable[..., Any]


@pytest.fixture
def connect(platform: Platform) -> Connect:
    """Makes a client of a database: `await connect(dsn, "read", db_max_rows=…)`."""

    async def make(dsn: str, *granted: str, **options: Any) -> Client:
        sql = SqlConfig(db_dsn=Secret(dsn), **options)
        permissions = permissions_for(*granted)
        config = FunctionConfig(str(guest("script")), sql=sql, permissions=permissions)
        return Client(platform, await platform.function(config))

    return make


@pytest.fixture
async def client(connect: Connect, tmp_path: Path) -> Client:
    """A client of a SQLite file with one table."""
    client: Client = await connect(str(tmp_path / "notes.db"))
    await client.query("create table note (id integer primary key, text text unique not null)")
    return client


@pytest.fixture(scope="session")
def postgres_dsn() -> Iterator[str]:
    with postgres() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def mariadb_dsn() -> Iterator[str]:
    with mariadb() as dsn:
        yield dsn


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def engine(request: pytest.FixtureRequest) -> str:
    """Each engine in turn."""
    name: str = request.param
    return name


@pytest.fixture
def dsn(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where its database is."""
    if engine == "sqlite":
        return str(tmp_path / "all.db")
    found: str = request.getfixturevalue(f"{engine}_dsn")
    return found


@pytest.fixture
async def db(connect: Connect, dsn: str, engine: str) -> Client:
    """A client of an engine, with a table of every type, which is empty."""
    client: Client = await connect(dsn)
    for table in ("child", "kind", "item"):
        await client.query(f"drop table if exists {table}")
    assert await client.query(ITEM) == []
    assert await client.query(KIND.format(**KINDS[engine])) == []
    return client


ITEM = (
    "create table item (id integer primary key, name varchar(50) unique not null, "
    "size integer check (size < 1000))"
)

KIND = (
    "create table kind (i bigint, r double precision, t {text}, b {blob}, d decimal(12, 2), day date, "
    "clock {time}, moment {datetime}, yes boolean)"
)
KINDS = {
    "sqlite": {"text": "text", "blob": "blob", "time": "time", "datetime": "datetime"},
    "postgres": {"text": "text", "blob": "bytea", "time": "time", "datetime": "timestamp"},
    "mariadb": {"text": "longtext", "blob": "longblob", "time": "time(6)", "datetime": "datetime(6)"},
}
