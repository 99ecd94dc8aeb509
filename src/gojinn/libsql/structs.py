"""The protocol's structures (Hrana 1 to 3), as JSON writes them. What they ask for is `stream`'s to do.

Source: https://github.com/tursodatabase/libsql, docs/HRANA_3_SPEC.md. Unknown fields are ignored, as it says.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from gojinn.libsql.faults import Fault

Int32 = Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)]
Uint32 = Annotated[int, Meta(ge=0, le=2**32 - 1)]


class Null(Struct, tag="null", frozen=True):
    """SQL's NULL."""


class Integer(Struct, tag="integer", frozen=True):
    """64 bits, as text: JSON's numbers would lose some."""

    value: str


class Float(Struct, tag="float", frozen=True):
    """64 bits."""

    value: float


class Text(Struct, tag="text", frozen=True):
    """UTF-8."""

    value: str


class Blob(Struct, tag="blob", frozen=True):
    """Bytes, written without padding and read with or without."""

    base64: str


Value = Null | Integer | Float | Text | Blob


class NamedArg(Struct):
    """An argument by name, with or without the sign that marks it."""

    name: str
    value: Value


class Stmt(Struct):
    """A statement: exactly one of `sql` and `sql_id`."""

    sql: str | None = None
    sql_id: Int32 | None = None
    args: list[Value] | None = None
    named_args: list[NamedArg] | None = None
    want_rows: bool | None = None


class StepOk(Struct, tag="ok"):
    """Whether a step was executed and succeeded."""

    step: Uint32


class StepError(Struct, tag="error"):
    """Whether a step was executed and failed."""

    step: Uint32


class Not(Struct, tag="not"):
    """The contrary."""

    cond: Cond


class And(Struct, tag="and"):
    """Whether all hold."""

    conds: list[Cond]


class Or(Struct, tag="or"):
    """Whether one holds."""

    conds: list[Cond]


class IsAutocommit(Struct, tag="is_autocommit"):
    """Whether no transaction is open. Since Hrana 3."""


Cond = StepOk | StepError | Not | And | Or | IsAutocommit


class Step(Struct):
    """A statement of a batch, executed if its condition holds."""

    stmt: Stmt
    condition: Cond | None = None


class BatchOf(Struct):
    """Statements in a row (`Batch` in the specification)."""

    steps: list[Step]


# Requests on a stream; over HTTP without its id, which `ws` adds


class Close(Struct, tag="close"):
    """Ends the stream."""


class Execute(Struct, tag="execute"):
    """Runs one statement."""

    stmt: Stmt


class Batch(Struct, tag="batch"):
    """Runs a batch."""

    batch: BatchOf


class Sequence(Struct, tag="sequence"):
    """Runs statements that are separated by semicolons, until one fails."""

    sql: str | None = None
    sql_id: Int32 | None = None


class Describe(Struct, tag="describe"):
    """Asks what a statement is."""

    sql: str | None = None
    sql_id: Int32 | None = None


class StoreSql(Struct, tag="store_sql"):
    """Keeps a text, to be referred to by a number."""

    sql_id: Int32
    sql: str


class CloseSql(Struct, tag="close_sql"):
    """Forgets it."""

    sql_id: Int32


class GetAutocommit(Struct, tag="get_autocommit"):
    """Asks whether no transaction is open. Since Hrana 3."""


StreamRequest = Close | Execute | Batch | Sequence | Describe | StoreSql | CloseSql | GetAutocommit


class PipelineRequest(Struct):
    """Requests on a stream; without a baton on a new one."""

    requests: list[StreamRequest]
    baton: str | None = None


class CursorRequest(Struct):
    """A batch whose results are streamed."""

    batch: BatchOf
    baton: str | None = None


class ExecuteRequest(Struct):
    """Hrana 1 over HTTP: one statement on a stream of its own."""

    stmt: Stmt


class BatchRequest(Struct):
    """Hrana 1 over HTTP: a batch on a stream of its own."""

    batch: BatchOf


# Results


class Col(Struct):
    """A column of a result, with its declared type if it comes from a table."""

    name: str | None
    decltype: str | None = None


class StmtResult(Struct):
    """What a statement has done."""

    cols: list[Col]
    rows: list[list[Value]]
    affected_row_count: int
    last_insert_rowid: str | None
    replication_index: str | None = None
    rows_read: int = 0
    rows_written: int = 0
    query_duration_ms: float = 0.0


class BatchResult(Struct):
    """What the steps have done; None for those that were not executed, or did not fail."""

    step_results: list[StmtResult | None]
    step_errors: list[Fault | None]
    replication_index: str | None = None


class DescribeParam(Struct):
    """A parameter, with the sign that marks it."""

    name: str | None


class DescribeResult(Struct):
    """What a statement is."""

    params: list[DescribeParam]
    cols: list[Col]
    is_explain: bool
    is_readonly: bool


class Answer(Struct, omit_defaults=True):
    """The answer to any request; which fields it has depends on its type."""

    type: str
    result: StmtResult | BatchResult | DescribeResult | None = None
    is_autocommit: bool | None = None
    entries: list[CursorEntry] | None = None
    done: bool | None = None


class Ok(Struct, tag="ok"):
    """A request of a pipeline that succeeded."""

    response: Answer


class Failed(Struct, tag="error"):
    """One that failed."""

    error: Fault


class PipelineResponse(Struct):
    """The results, and the baton for the next request."""

    baton: str | None
    base_url: str | None
    results: list[Ok | Failed]


class CursorResponse(Struct):
    """The first line of a cursor's results."""

    baton: str | None
    base_url: str | None


class StepBegin(Struct, tag="step_begin"):
    """A step is executed."""

    step: int
    cols: list[Col]


class StepEnd(Struct, tag="step_end"):
    """It has succeeded."""

    affected_row_count: int
    last_insert_rowid: str | None


class StepFailed(Struct, tag="step_error"):
    """It has failed."""

    step: int
    error: Fault


class Row(Struct, tag="row"):
    """A row of the step."""

    row: list[Value]


class CursorFailed(Struct, tag="error"):
    """The batch as a whole has failed."""

    error: Fault


CursorEntry = StepBegin | StepEnd | StepFailed | Row | CursorFailed
