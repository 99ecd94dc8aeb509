"""The contract's `host_db_query`: a statement in, rows as a JSON array of objects out. Runs none itself."""

from __future__ import annotations

from typing import Any

import msgspec

from gojinn.capabilities.capability import Caller, OperationError
from gojinn.capabilities.sql.operations import Operations
from gojinn.capabilities.sql.values import plain
from gojinn.engine.host import GuestCall

write_json = msgspec.json.Encoder().encode

LONGEST = 1 << 20
"""Bytes of a statement."""


class Query:
    """Serves `host_db_query`."""

    def __init__(self, operations: Operations) -> None:
        self.operations = operations

    async def __call__(self, guest: GuestCall, sql: int, length: int, out: int, limit: int) -> int:
        """Runs a statement; writes its rows, or what went wrong, in JSON, cut at `limit`."""
        answer = write_json(await self.answer(guest, sql, length))[:limit]
        guest.write(out, answer)
        return len(answer)

    async def answer(self, guest: GuestCall, sql: int, length: int) -> Any:
        """Finds the answer."""
        caller: Caller = guest.context
        if length > LONGEST:
            return [{"error": f"the statement is longer than {LONGEST} bytes"}]
        try:
            text = guest.read(sql, length).decode()
            result = await self.operations.run(caller, text, (), None)
        except UnicodeDecodeError:
            return [{"error": "the statement is not valid UTF-8"}]
        except OperationError as error:
            return [{"error": error.message}]
        names = [column.name for column in result.columns]
        return [dict(zip(names, map(plain, row), strict=True)) for row in result.rows]
