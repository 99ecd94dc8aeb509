"""Batches: steps that are executed on conditions, with their results at once or bit by bit."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

from gojinn.libsql.faults import Fault, ProtocolViolated, StatementFailed
from gojinn.libsql.stream import Stream
from gojinn.libsql.structs import (
    And,
    BatchOf,
    BatchResult,
    Cond,
    IsAutocommit,
    Not,
    Or,
    StepError,
    StepOk,
    Stmt,
    StmtResult,
)

DEEPEST = 100
"""Conditions within conditions."""
HRANA_3 = 3
"""The version of the protocol that has `is_autocommit`."""

Text = Callable[[str | None, int | None], str]
"""Finds a statement's text, by itself or by its number. Raises ProtocolViolated."""

Outcome = StmtResult | Fault | None
"""Of a step; None when it was not executed."""


def check(batch: BatchOf, text: Text, version: int) -> list[str]:
    """Returns the texts of all steps. Raises ProtocolViolated for a condition that makes no sense."""
    for index, step in enumerate(batch.steps):
        if step.condition is not None:
            check_condition(step.condition, index, version, 0)
    return [text(step.stmt.sql, step.stmt.sql_id) for step in batch.steps]


def check_condition(cond: Cond, before: int, version: int, depth: int) -> None:
    """Checks that a condition refers to earlier steps only, and is not too deep."""
    if depth > DEEPEST:
        raise ProtocolViolated(f"Conditions of a batch are nested deeper than {DEEPEST}")
    match cond:
        case StepOk() | StepError():
            if cond.step >= before:
                raise ProtocolViolated("Invalid reference to step in a batch condition")
        case Not():
            check_condition(cond.cond, before, version, depth + 1)
        case And() | Or():
            for each in cond.conds:
                check_condition(each, before, version, depth + 1)
        case IsAutocommit():
            if version < HRANA_3:
                what = "BatchCond of type `is_autocommit`"
                raise ProtocolViolated(f"{what} is only supported in protocol version hrana3 and higher")


def holds(cond: Cond, outcomes: list[Outcome], autocommit: bool) -> bool:
    """Tells whether a condition holds now."""
    match cond:
        case StepOk():
            return isinstance(outcomes[cond.step], StmtResult)
        case StepError():
            return isinstance(outcomes[cond.step], Fault)
        case Not():
            return not holds(cond.cond, outcomes, autocommit)
        case And():
            return all(holds(each, outcomes, autocommit) for each in cond.conds)
        case Or():
            return any(holds(each, outcomes, autocommit) for each in cond.conds)
    return autocommit


async def outcomes_of(
    stream: Stream, batch: BatchOf, texts: list[str], *, readonly: bool
) -> AsyncIterator[tuple[int, StmtResult | Fault]]:
    """Executes the steps and yields what came of each that was executed. Raises StatementFailed for what
    concerns the batch as a whole."""
    stream.check_undone()
    outcomes: list[Outcome] = []
    for index, (step, sql) in enumerate(zip(batch.steps, texts, strict=True)):
        outcomes.append(None)
        if step.condition is not None and not holds(step.condition, outcomes, stream.autocommit):
            continue
        outcome = await outcome_of(stream, step.stmt, sql, readonly=readonly)
        outcomes[index] = outcome if isinstance(outcome, Fault) else DONE
        yield index, outcome


async def outcome_of(stream: Stream, stmt: Stmt, sql: str, *, readonly: bool) -> StmtResult | Fault:
    """Executes one step."""
    try:
        return await stream.execute(stmt, sql, readonly=readonly)
    except StatementFailed as failed:
        return failed.fault


async def execute(stream: Stream, batch: BatchOf, texts: list[str], *, readonly: bool) -> BatchResult:
    """Executes the steps and returns what came of all. Raises StatementFailed."""
    results: list[StmtResult | None] = [None] * len(batch.steps)
    errors: list[Fault | None] = [None] * len(batch.steps)
    async for index, outcome in outcomes_of(stream, batch, texts, readonly=readonly):
        if isinstance(outcome, Fault):
            errors[index] = outcome
        else:
            results[index] = outcome
    return BatchResult(results, errors)


DONE = StmtResult([], [], 0, None)
"""Stands for the result of a step that is over: only that it succeeded matters to conditions."""
