"""What was acknowledged is there after a kill; a thousand tenants leave no handle open."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

import apsw
import pytest

from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.result import DEFAULT
from gojinn.capabilities.sql.service import SqlService
from gojinn.config.units import Secret

WRITER = """
import asyncio, sys
from gojinn.capabilities.sql.sqlite import SqliteFile
from gojinn.capabilities.sql.threads import Threads

async def main():
    async with SqliteFile(sys.argv[1], Threads()) as file:
        await file.execute("create table if not exists t (id integer primary key, pad blob)")
        number = (await file.execute("select coalesce(max(id), 0) from t")).rows[0][0]
        while True:
            number += 1
            await file.execute("insert into t values (?, randomblob(?))", (number, 50 + number % 5000))
            print(number, flush=True)

asyncio.run(main())
"""


async def killed_while_writing(path: Path, after: int) -> int:
    """Writes in a process of its own, killed after so many acknowledged rows; returns the last of these."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", WRITER, str(path), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    lines = [await process.stdout.readline() for _ in range(after)]
    process.kill()
    lines += (await process.stdout.read()).splitlines(keepends=True)
    await process.wait()
    return max(int(line) for line in lines if line.endswith(b"\n"))


async def survive(path: Path, times: int) -> None:
    acknowledged = 0
    for _ in range(times):
        acknowledged = max(acknowledged, await killed_while_writing(path, random.randrange(1, 60)))
        connection = apsw.Connection(str(path))
        assert connection.execute("pragma integrity_check").get == "ok"
        count, highest = connection.execute("select count(*), max(id) from t").fetchall()[0]
        assert count == highest >= acknowledged
        connection.close()


@pytest.mark.slow
async def test_a_kill_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await survive(tmp_path / "killed.db", 8)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_hundred_kills_lose_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    await survive(tmp_path / "killed.db", 100)


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def spread(folder: Path, tenants: int, requests: int, most_open: int) -> None:
    """Spreads requests over tenants, each of which counts its own."""
    service = SqlService(folder, most_open)
    config = SqlConfig(db_dsn=Secret("tenant:"))
    expected = dict.fromkeys(range(tenants), 0)

    async def ask(tenant: int, sql: str) -> object:
        handle = await service.handle(config, f"t{tenant}")
        handle.uses += 1
        try:
            return (await handle.database.execute(sql, (), DEFAULT)).rows
        finally:
            handle.uses -= 1

    async def work(numbers: range) -> None:
        for number in numbers:
            tenant = number if number < tenants else random.randrange(tenants)
            if not expected[tenant]:
                await ask(tenant, "create table if not exists t (a)")
            expected[tenant] += 1
            await ask(tenant, "insert into t values (1)")

    before = descriptors()
    await asyncio.gather(*(work(range(start, requests, 8)) for start in range(8)))
    assert len(service.handles) <= most_open
    assert descriptors() - before <= most_open * 6
    for tenant in random.sample(range(tenants), min(50, tenants)):
        assert await ask(tenant, "select count(*) from t") == [(expected[tenant],)]
    await service.close()
    assert descriptors() <= before


@pytest.mark.slow
async def test_tenants_are_opened_and_closed_without_a_trace(tmp_path: Path) -> None:
    await spread(tmp_path, tenants=40, requests=400, most_open=10)


@pytest.mark.soak
@pytest.mark.timeout(600)
async def test_a_thousand_tenants_and_ten_thousand_requests(tmp_path: Path) -> None:
    await spread(tmp_path, tenants=1_000, requests=10_000, most_open=500)
