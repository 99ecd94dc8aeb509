"""Databases of tenants, migrations, and how many are open at once."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import Any

import pytest

from gojinn.capabilities.sql.config import SqlConfig
from gojinn.capabilities.sql.errors import SqlError
from gojinn.capabilities.sql.result import DEFAULT
from gojinn.capabilities.sql.service import SqlService
from gojinn.config.units import Secret

TENANT = SqlConfig(db_dsn=Secret("tenant:"))


@pytest.fixture
async def service(tmp_path: Path) -> Any:
    service = SqlService(tmp_path / "tenants", most_open=5)
    yield service
    await service.close()


async def rows(service: SqlService, config: SqlConfig, tenant: str, sql: str) -> list[Any]:
    handle = await service.handle(config, tenant)
    handle.uses += 1
    try:
        return (await handle.database.execute(sql, (), DEFAULT)).rows
    finally:
        handle.uses -= 1


def migrations(tmp_path: Path, **files: str) -> SqlConfig:
    folder = tmp_path / "sql"
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.sql").write_text(text)
    return SqlConfig(db_dsn=Secret("tenant:shop"), migrations=str(folder))


async def test_each_tenant_has_its_own_file(service: SqlService, tmp_path: Path) -> None:
    await rows(service, TENANT, "alice", "create table secret (a)")
    assert await rows(service, TENANT, "bob", "select name from sqlite_schema") == []
    assert (tmp_path / "tenants/alice/main.db").exists()
    assert (tmp_path / "tenants/alice").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("tenant", ["", "..", "a/b", "a\0b", "x" * 65, "."])
async def test_a_tenant_whose_name_is_no_file_name_has_none(service: SqlService, tenant: str) -> None:
    with pytest.raises(SqlError) as caught:
        await service.handle(TENANT, tenant)
    assert caught.value.code == "denied"


async def test_databases_that_nobody_uses_are_closed(service: SqlService) -> None:
    kept = await service.handle(TENANT, "t0")
    kept.uses += 1
    for number in range(1, 20):
        await rows(service, TENANT, f"t{number}", "select 1")
        assert len(service.handles) <= 5
    assert kept in service.handles.values()
    kept.uses -= 1


async def test_many_that_ask_at_once_open_it_once(service: SqlService) -> None:
    handles = await asyncio.gather(*(service.handle(TENANT, "t") for _ in range(50)))
    assert len({id(handle) for handle in handles}) == 1
    assert not service.opening


async def test_databases_in_use_stay_open_whatever_is_opened(service: SqlService) -> None:
    async def count(tenant: str) -> object:
        return await rows(service, TENANT, tenant, "select count(*) from sqlite_schema")

    found = await asyncio.gather(*(count(f"t{number % 20}") for number in range(200)))
    assert found == [[(0,)]] * 200
    await count("next")
    assert len(service.handles) <= 5


async def test_closing_leaves_no_descriptor(tmp_path: Path) -> None:
    def descriptors() -> int:
        return len(os.listdir("/proc/self/fd"))

    before = descriptors()
    for _ in range(3):
        service = SqlService(tmp_path / "tenants", most_open=2)
        for number in range(5):
            await rows(service, TENANT, f"t{number}", "create table if not exists t (a)")
        await service.close()
    assert descriptors() == before


async def test_migrations_run_once_in_order(service: SqlService, tmp_path: Path) -> None:
    config = migrations(
        tmp_path, **{"2": "insert into t values (2)", "1": "create table t (a); insert into t values (1)"}
    )
    assert await rows(service, config, "a", "select a from t") == [(1,), (2,)]
    for number in range(6):
        await rows(service, TENANT, f"t{number}", "select 1")
    (tmp_path / "sql" / "3.sql").write_text("insert into t values (3);")
    assert await rows(service, config, "a", "select a from t") == [(1,), (2,), (3,)]
    recorded = await rows(service, config, "a", "select name from _gojinn_migrations")
    assert recorded == [("1.sql",), ("2.sql",), ("3.sql",)]


async def test_a_migration_that_fails_leaves_nothing(service: SqlService, tmp_path: Path) -> None:
    config = migrations(
        tmp_path, **{"1": "create table t (a)", "2": "create table u (a); insert into t values (1, 2)"}
    )
    with pytest.raises(SqlError, match=r"migration '2.sql': table t has 1 columns") as caught:
        await service.handle(config, "a")
    assert caught.value.code == "migration"
    other = SqlConfig(db_dsn=Secret("tenant:shop"))
    assert await rows(service, other, "a", "select * from sqlite_schema") == []


async def test_a_migration_that_was_changed_is_an_error(service: SqlService, tmp_path: Path) -> None:
    config = migrations(tmp_path, **{"1": "create table t (a)"})
    await rows(service, config, "a", "select 1")
    migrations(tmp_path, **{"1": "create table t (a, b)"})
    restarted = SqlService(tmp_path / "tenants")
    with pytest.raises(SqlError, match="was changed after it had run"):
        await restarted.handle(config, "a")
    await restarted.close()


@pytest.mark.parametrize("text", ["commit", "create table t (a); commit; begin", "rollback"])
async def test_a_migration_cannot_leave_its_transaction(
    service: SqlService, tmp_path: Path, text: str
) -> None:
    config = migrations(tmp_path, **{"1": text})
    with pytest.raises(SqlError) as caught:
        await service.handle(config, "a")
    assert caught.value.code == "migration"


async def test_several_workers_apply_them_once(tmp_path: Path) -> None:
    config = migrations(tmp_path, **{"1": "create table t (a)", "2": "insert into t values (1)"})
    services = [SqlService(tmp_path / "tenants") for _ in range(4)]
    found = await asyncio.gather(
        *(rows(service, config, "a", "select count(*) from t") for service in services)
    )
    assert found == [[(1,)]] * 4
    for service in services:
        await service.close()


async def test_a_file_cannot_outgrow_its_quota(service: SqlService) -> None:
    config = SqlConfig(db_dsn=Secret("tenant:"), db_quota=256 << 10)
    await rows(service, config, "a", "create table t (a)")
    for _ in range(10):
        await rows(service, config, "a", "insert into t values (randomblob(9999))")
    many = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)"
    with pytest.raises(SqlError) as caught:
        await rows(service, config, "a", f"insert into t {many} select randomblob(9999) from n")
    assert caught.value.code == "full"
    assert (await rows(service, config, "a", "select count(*) from t"))[0][0] == 10
