"""Cursors: the results of a batch bit by bit. How they travel, the callers know."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from gojinn.libsql.batch import outcomes_of
from gojinn.libsql.faults import Fault, StatementFailed
from gojinn.libsql.stream import Stream
from gojinn.libsql.structs import (
    BatchOf,
    CursorEntry,
    CursorFailed,
    Row,
    StepBegin,
    StepEnd,
    StepFailed,
)


async def entries(
    stream: Stream, batch: BatchOf, texts: list[str], *, readonly: bool
) -> AsyncGenerator[CursorEntry, None]:
    """Executes a batch and yields what comes of it. Raises ProtocolViolated."""
    try:
        async for index, outcome in outcomes_of(stream, batch, texts, readonly=readonly):
            if isinstance(outcome, Fault):
                yield StepFailed(index, outcome)
                continue
            yield StepBegin(index, outcome.cols)
            for row in outcome.rows:
                yield Row(row)
            yield StepEnd(outcome.affected_row_count, outcome.last_insert_rowid)
            stream.spent = 0
    except StatementFailed as failed:
        yield CursorFailed(failed.fault)
