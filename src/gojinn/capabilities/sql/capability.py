"""The capability `sql`, which loads what it needs when a worker opens it. What it does is `operations`'."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gojinn.capabilities.capability import Capability, Import, Served, Services


@asynccontextmanager
async def opened(services: Services) -> AsyncIterator[Served]:
    """Serves databases for as long as a worker lives."""
    from gojinn.capabilities.sql.operations import Operations
    from gojinn.capabilities.sql.query import Query
    from gojinn.capabilities.sql.service import SqlService
    from gojinn.capabilities.sql.turns import Turns
    from gojinn.fabric.node import Node

    node: Node | None = services.get(Node)
    service = SqlService(None if node is None else node.tenants, turns=services.get(Turns))
    operations = Operations(service)
    try:
        yield Served({"host_db_query": Query(operations)}, operations.table(), at_once=operations.at_once())
    finally:
        await service.close()


NOT_SERVED = b'[{"error":"this host does not serve sql"}]'

CAPABILITY = Capability(
    "sql", (Import("host_db_query", ("i32",) * 4, "i32", failure_text=NOT_SERVED),), open=opened
)
