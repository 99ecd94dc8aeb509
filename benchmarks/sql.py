"""Databases: a point read through a function, the host's share of it, PostgreSQL by the pool, tenants."""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from benchmarks.http import alternate
from benchmarks.machine import SERVER_CORES
from benchmarks.server import gojinn

SELECT = "select id, name from t where id = ?"
TENANTS, REQUESTS = 1_000, 10_000


def measure(
    guests: dict[str, Path], folder: Path, cache: Path, *, rounds: int, seconds: float
) -> dict[str, Any]:
    """All of it; PostgreSQL only where it is installed."""
    found = {"http": point_reads(guests, folder, cache, rounds=rounds, seconds=seconds)}
    found["host"] = asyncio.run(host_overhead(folder, rounds))
    found["tenants"] = asyncio.run(tenants(folder))
    postgres = asyncio.run(pool(rounds))
    return {**found, "postgres": postgres} if postgres else found


def table(path: Path) -> None:
    """Makes a database of a thousand rows."""
    import apsw

    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    connection = apsw.Connection(str(path))
    connection.execute("pragma journal_mode=wal").fetchall()
    connection.execute("create table t (id integer primary key, name text)")
    with connection:
        connection.executemany("insert into t values (?, ?)", ((i, f"name {i}") for i in range(1_000)))
    connection.close()


def point_reads(
    guests: dict[str, Path], folder: Path, cache: Path, *, rounds: int, seconds: float
) -> dict[str, Any]:
    """Requests to a function that reads one row, and to the same one that does not."""
    table(folder / "point.db")
    block = f"{{\n\t\tdb_dsn {folder / 'point.db'}\n\t}}"
    routes = [f"\tgojinn /{name} {guests[name]} {block}" for name in ("no-query", "query")]
    with gojinn("\n".join(routes), cores=SERVER_CORES, cache=cache) as server:
        names = {"without the query": "/no-query", "with the query": "/query"}
        return alternate(
            {name: (server, path) for name, path in names.items()}, rounds=rounds, seconds=seconds
        )


async def host_overhead(folder: Path, rounds: int) -> dict[str, float]:
    """CPU of a point read as Python serves it, JSON both ways included, and of apsw alone. What comes again
    is answered by the engine's core, as the figures of `point_reads` have it."""
    import apsw

    from gojinn.capabilities.call import host_call, host_call_at_once
    from gojinn.capabilities.sql.config import SqlConfig
    from gojinn.capabilities.sql.operations import Operations
    from gojinn.capabilities.sql.service import SqlService
    from gojinn.config.units import Secret
    from gojinn.engine.cache import Compiled
    from gojinn.engine.inspect import ModuleInfo
    from gojinn.functions.config import FunctionConfig
    from gojinn.functions.function import Function
    from gojinn.functions.invocation import Invocation

    table(folder / "point.db")
    config = FunctionConfig("/point.wasm", sql=SqlConfig(db_dsn=Secret(str(folder / "point.db"))))
    service = SqlService(None)
    caller: Any = Invocation(Function(config, Compiled("", "", False, ModuleInfo(), folder)), b"")
    operations = Operations(service)
    caller.operations, caller.at_once = operations.table(), operations.at_once()
    caller.deadline = time.monotonic() + 3600
    request = b'{"sql":"select id, name from t where id = ?","params":[42]}'
    guest: Any = Memory(caller, [b"sql.query", request])
    bare = apsw.Connection(str(folder / "point.db"))

    async def served() -> None:
        if host_call_at_once(guest, 0, 9, 1, len(request)) is None:  # its database is not open yet
            await host_call(guest, 0, 9, 1, len(request))

    async def alone() -> None:
        bare.execute(SELECT, (42,)).fetchall()

    found = {"host": await cpu(served, rounds), "apsw": await cpu(alone, rounds)}
    await service.close()
    return found


class Memory:
    """A guest that is nothing but its texts, which pointers count, and that can be taught nothing."""

    reads = None

    def __init__(self, context: object, texts: list[bytes]) -> None:
        self.context = context
        self.texts = texts

    def read(self, ptr: int, length: int) -> bytes:
        return self.texts[ptr]

    def keep(self, answer: bytes) -> None:
        self.kept = answer


async def cpu(once: Callable[[], Awaitable[None]], rounds: int, calls: int = 5_000) -> float:
    """CPU microseconds of one call, the median of the rounds."""
    found = []
    for _ in range(rounds + 1):
        before = time.process_time()
        for _ in range(calls):
            await once()
        found.append((time.process_time() - before) / calls * 1e6)
    return median(found[1:])


async def pool(rounds: int) -> dict[str, float]:
    """Reads by key a second on PostgreSQL, one after the other: through the pool, and by psycopg alone."""
    from gojinn.errors import StartError
    from gojinn.testing.databases import postgres

    try:
        with postgres() as dsn:
            return await compare(dsn, rounds)
    except StartError:
        return {}


async def compare(dsn: str, rounds: int) -> dict[str, float]:
    """Measures both in alternation."""
    import psycopg

    from gojinn.capabilities.sql import postgres
    from gojinn.capabilities.sql.pool import Pool
    from gojinn.capabilities.sql.result import DEFAULT
    from gojinn.capabilities.sql.server import ServerDatabase, ServerLink

    connections: Pool[ServerLink] = Pool(postgres.connector(dsn), 10)
    database = ServerDatabase(connections, "postgres")
    await database.execute("create table t (id int primary key, name text)", (), DEFAULT)
    await database.execute(
        "insert into t select i, 'name ' || i from generate_series(1, 1000) i", (), DEFAULT
    )
    bare = await psycopg.AsyncConnection.connect(dsn, autocommit=True)

    async def pooled() -> None:
        await database.execute(SELECT, (42,), DEFAULT)

    async def alone() -> None:
        cursor = await bare.execute("select id, name from t where id = %s", (42,))
        await cursor.fetchall()

    rates: dict[str, list[float]] = {"pool": [], "psycopg": []}
    for _ in range(rounds):
        rates["pool"].append(await rate(pooled))
        rates["psycopg"].append(await rate(alone))
    await database.close()
    await bare.close()
    return {name: median(found) for name, found in rates.items()}


async def rate(once: Callable[[], Awaitable[None]], calls: int = 2_000) -> float:
    """Calls a second, one after the other."""
    before = time.perf_counter()
    for _ in range(calls):
        await once()
    return calls / (time.perf_counter() - before)


async def tenants(folder: Path) -> dict[str, float]:
    """Reads and writes spread over the databases of a thousand tenants, of which half are open at once."""
    from gojinn.capabilities.sql.config import SqlConfig
    from gojinn.capabilities.sql.result import DEFAULT
    from gojinn.capabilities.sql.service import SqlService
    from gojinn.config.units import Secret

    with tempfile.TemporaryDirectory(dir=folder) as place:
        service = SqlService(Path(place))
        config = SqlConfig(db_dsn=Secret("tenant:"))
        took = []
        for number in range(REQUESTS):
            tenant = f"t{number if number < TENANTS else random.randrange(TENANTS)}"
            sql = "select count(*) from t"
            if number < TENANTS:
                sql = "create table t (a)"
            elif number % 10 == 0:
                sql = "insert into t values (1)"
            before = time.perf_counter()
            handle = await service.handle(config, tenant)
            await handle.database.execute(sql, (), DEFAULT)
            took.append((time.perf_counter() - before) * 1e3)
        cuts = quantiles(took[TENANTS:], n=100)
        await service.close()
    return {"p50_ms": cuts[49], "p99_ms": cuts[98], "create_ms": median(took[:TENANTS])}
