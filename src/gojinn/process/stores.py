"""Where the functions of a configuration keep data: databases, objects and mounts, told for `status`. Opens
none of them; what workers have done with them is theirs to report."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.functions.config import FunctionConfig


@dataclass(slots=True)
class Store:
    """One place where data is kept."""

    kind: str
    """`database`, `objects` or `mount`."""
    name: str
    where: str
    """Path, or what else is known without giving a secret away."""
    notes: list[str] = field(default_factory=list)
    """What holds for it, in words."""
    functions: set[str] = field(default_factory=set)
    """Who uses it."""

    def shown(self) -> dict[str, Any]:
        """Makes plain data of it."""
        return {
            "kind": self.kind,
            "name": self.name,
            "where": self.where,
            "notes": self.notes,
            "functions": sorted(self.functions),
        }


def stores(config: Config, data: Path | None, reports: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Lists the stores of a configuration, those that several functions use once.

    `data` is the data directory, `reports` what workers' capabilities report, by word.
    """
    found: dict[tuple[str, str, str], Store] = {}
    for function in find(config, FunctionConfig):
        for store in used(function, data, reports.get("blob", {})):
            kept = found.setdefault((store.kind, store.name, store.where), store)
            kept.functions.add(function.name)
    return [store.shown() for store in sorted(found.values(), key=lambda each: (each.kind, each.name))]


def used(function: FunctionConfig, data: Path | None, buckets: Mapping[str, Any]) -> Iterator[Store]:
    """Yields those of one function."""
    yield from database(function, data)
    yield from objects(function, data, buckets)
    for mount in function.mounts:
        notes = ["read only"] if mount.read_only else []
        if mount.quota is not None:
            notes.append(f"at most {mount.quota} bytes")
        if mount.name:
            where = "" if data is None else str(data / "mounts" / "<tenant>" / mount.name)
            notes.append(f"a folder for each tenant, {tenants(data, 'mounts')} so far")
            yield Store("mount", f"tenant:{mount.name}", where, notes)
        else:
            yield Store("mount", mount.guest, mount.host, notes)


def database(function: FunctionConfig, data: Path | None) -> Iterator[Store]:
    """Yields a function's database; nothing of a DSN that may hold a password."""
    options = function.sql
    if options.engine is None:
        return
    if options.tenant_database is not None:
        where = "" if data is None else str(data / "tenants" / "<tenant>")
        notes = [f"a file for each tenant, {tenants(data, 'tenants')} so far"]
        yield Store("database", f"tenant:{options.tenant_database}", where, notes)
    elif options.engine == "sqlite" and options.db_dsn is not None:
        path = options.db_dsn.reveal()
        yield Store("database", os.path.basename(path), path, ["a file of SQLite"])
    else:
        yield Store("database", options.engine, "as 'db_dsn' says", ["a server, connections pooled"])


def objects(function: FunctionConfig, data: Path | None, buckets: Mapping[str, Any]) -> Iterator[Store]:
    """Yields where a function's objects are, if it was granted any."""
    if not any(grant.capability == "blob" for grant in function.permissions.lines()):
        return
    bucket = function.blob.s3_bucket
    if not bucket:
        where = "" if data is None else str(data / "blobs")
        notes = [f"a folder for each tenant, {tenants(data, 'blobs')} so far"]
        yield Store("objects", "data directory", where, notes)
        return
    works = buckets.get(bucket, {}).get("conditional_writes", "unknown")
    shared = "keys shared by all tenants" if function.blob.s3_shared else "keys below '<tenant>/'"
    where = function.blob.s3_endpoint or f"S3, {function.blob.s3_region}"
    yield Store("objects", bucket, where, [shared, f"conditional writes: {works}"])


def tenants(data: Path | None, folder: str) -> int:
    """Counts the tenants that have something of a kind."""
    if data is None:
        return 0
    try:
        with os.scandir(data / folder) as found:
            return sum(1 for _ in found)
    except OSError:
        return 0
