"""What the server answers, written in Protobuf. The numbers are those of the specification's appendix."""

from __future__ import annotations

from base64 import b64decode

from gojinn.libsql.faults import Fault
from gojinn.libsql.protobuf.wire import (
    put_all,
    put_bytes,
    put_double,
    put_text,
    put_varint,
    put_zigzag,
)
from gojinn.libsql.structs import (
    Answer,
    BatchResult,
    Blob,
    Col,
    CursorEntry,
    CursorResponse,
    DescribeResult,
    Failed,
    Float,
    Integer,
    Ok,
    PipelineResponse,
    Row,
    StepBegin,
    StepEnd,
    StepFailed,
    StmtResult,
    Text,
    Value,
)

NULL = put_bytes(1, b"")

ANSWERS = {
    name: number
    for number, name in enumerate(
        ("close", "execute", "batch", "sequence", "describe", "store_sql", "close_sql", "get_autocommit"), 1
    )
}
"""Numbers of the answers of a stream over HTTP."""


def value(each: Value) -> bytes:
    """Writes a value."""
    match each:
        case Integer():
            return put_zigzag(2, int(each.value))
        case Float():
            return put_double(3, each.value)
        case Text():
            return put_text(4, each.value)
        case Blob():
            return put_bytes(5, b64decode(each.base64 + "=" * (-len(each.base64) % 4)))
    return NULL


def row(values: list[Value]) -> bytes:
    """Writes a row."""
    return put_all(1, map(value, values))


def col(each: Col) -> bytes:
    """Writes a column."""
    return put_text(1, each.name) + put_text(2, each.decltype)


def row_id(field: int, text: str | None) -> bytes:
    """Writes the number of a row, if there is one."""
    return b"" if text is None else put_zigzag(field, int(text))


def fault(each: Fault) -> bytes:
    """Writes an error."""
    return put_text(1, each.message) + put_text(2, each.code)


def stmt_result(each: StmtResult) -> bytes:
    """Writes what a statement has done."""
    head = put_all(1, map(col, each.cols)) + put_all(2, map(row, each.rows))
    return head + put_varint(3, each.affected_row_count) + row_id(4, each.last_insert_rowid)


def batch_result(each: BatchResult) -> bytes:
    """Writes what the steps of a batch have done."""
    results = [
        put_varint(1, index) + put_bytes(2, stmt_result(result))
        for index, result in enumerate(each.step_results)
        if result is not None
    ]
    errors = [
        put_varint(1, index) + put_bytes(2, fault(error))
        for index, error in enumerate(each.step_errors)
        if error is not None
    ]
    return put_all(1, results) + put_all(2, errors)


def describe_result(each: DescribeResult) -> bytes:
    """Writes what a statement is."""
    params = put_all(1, [put_text(1, param.name) for param in each.params])
    cols = put_all(2, map(col, each.cols))
    return params + cols + put_varint(3, each.is_explain) + put_varint(4, each.is_readonly)


def content(answer: Answer) -> bytes:
    """Writes what is in an answer, whatever it answers."""
    if answer.entries is not None:
        return put_all(1, map(entry, answer.entries)) + put_varint(2, bool(answer.done))
    if answer.is_autocommit is not None:
        return put_varint(1, answer.is_autocommit)
    match answer.result:
        case StmtResult():
            return put_bytes(1, stmt_result(answer.result))
        case BatchResult():
            return put_bytes(1, batch_result(answer.result))
        case DescribeResult():
            return put_bytes(1, describe_result(answer.result))
    return b""


def result(each: Ok | Failed) -> bytes:
    """Writes what came of one request of a pipeline."""
    if isinstance(each, Failed):
        return put_bytes(2, fault(each.error))
    return put_bytes(1, put_bytes(ANSWERS[each.response.type], content(each.response)))


def pipeline(response: PipelineResponse) -> bytes:
    """Writes what came of a pipeline."""
    head = put_text(1, response.baton) + put_text(2, response.base_url)
    return head + put_all(3, map(result, response.results))


def entry(each: CursorResponse | CursorEntry) -> bytes:
    """Writes a piece of a cursor's results, or what comes before them."""
    match each:
        case CursorResponse():
            return put_text(1, each.baton) + put_text(2, each.base_url)
        case StepBegin():
            return put_bytes(1, put_varint(1, each.step) + put_all(2, map(col, each.cols)))
        case StepEnd():
            return put_bytes(2, put_varint(1, each.affected_row_count) + row_id(2, each.last_insert_rowid))
        case StepFailed():
            return put_bytes(3, put_varint(1, each.step) + put_bytes(2, fault(each.error)))
        case Row():
            return put_bytes(4, row(each.row))
    return put_bytes(5, fault(each.error))
