"""What clients send, read from Protobuf. The numbers are those of the specification's appendix."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable
from typing import Any, TypeVar

from gojinn.libsql.batch import DEEPEST
from gojinn.libsql.faults import ProtocolViolated
from gojinn.libsql.protobuf.wire import broken, double, fields, message, signed, text, unsigned, zigzag
from gojinn.libsql.structs import (
    And,
    Batch,
    BatchOf,
    Blob,
    Close,
    CloseSql,
    Cond,
    CursorRequest,
    Describe,
    Execute,
    Float,
    GetAutocommit,
    Integer,
    IsAutocommit,
    NamedArg,
    Not,
    Null,
    Or,
    PipelineRequest,
    Sequence,
    Step,
    StepError,
    StepOk,
    Stmt,
    StoreSql,
    StreamRequest,
    Text,
    Value,
)

T = TypeVar("T")

Content = int | bytes
Kinds = dict[int, tuple[str, Callable[[Content], Any]]]
"""Name and reader of a message's fields, by number."""


def read(data: bytes, kinds: Kinds, lists: tuple[str, ...] = ()) -> dict[str, Any]:
    """Reads a message's fields by name; the last one counts, unless it is one of the lists."""
    found: dict[str, Any] = {name: [] for name in lists}
    for number, content in fields(data):
        if number in kinds:
            name, kind = kinds[number]
            if name in lists:
                found[name].append(kind(content))
            else:
                found[name] = kind(content)
    return found


def need(found: dict[str, Any], name: str, what: str) -> Any:
    """Returns a field that has to be there. Raises ProtocolViolated."""
    if name not in found:
        raise ProtocolViolated(f"{what} lacks `{name}`")
    return found[name]


def value(content: Content) -> Value:
    """Reads a value."""
    found: Value | None = None
    for number, inner in fields(message(content)):
        match number:
            case 1:
                found = Null()
            case 2:
                found = Integer(str(zigzag(inner)))
            case 3:
                found = Float(double(inner))
            case 4:
                found = Text(text(inner))
            case 5:
                found = Blob(b64encode(message(inner)).decode())
    if found is None:
        raise ProtocolViolated("Value type not recognized")
    return found


def named_arg(content: Content) -> NamedArg:
    """Reads an argument with its name."""
    found = read(message(content), {1: ("name", text), 2: ("value", value)})
    return NamedArg(found.get("name", ""), need(found, "value", "NamedArg"))


STMT: Kinds = {
    1: ("sql", text),
    2: ("sql_id", signed),
    3: ("args", value),
    4: ("named_args", named_arg),
    5: ("want_rows", lambda content: bool(unsigned(content))),
}


def stmt(content: Content) -> Stmt:
    """Reads a statement."""
    return Stmt(**read(message(content), STMT, ("args", "named_args")))


def cond(content: Content, depth: int = 0) -> Cond:
    """Reads a condition."""
    if depth > DEEPEST:
        raise broken(f"conditions are nested deeper than {DEEPEST}")
    found: Cond | None = None
    for number, inner in fields(message(content)):
        match number:
            case 1:
                found = StepOk(unsigned(inner))
            case 2:
                found = StepError(unsigned(inner))
            case 3:
                found = Not(cond(inner, depth + 1))
            case 4:
                found = And(conds(inner, depth + 1))
            case 5:
                found = Or(conds(inner, depth + 1))
            case 6:
                found = IsAutocommit()
    if found is None:
        raise ProtocolViolated("BatchCond type not recognized")
    return found


def conds(content: Content, depth: int) -> list[Cond]:
    """Reads a list of conditions."""
    return [cond(inner, depth) for number, inner in fields(message(content)) if number == 1]


def step(content: Content) -> Step:
    """Reads a step of a batch."""
    found = read(message(content), {1: ("condition", cond), 2: ("stmt", stmt)})
    return Step(found.get("stmt") or Stmt(), found.get("condition"))


def batch(content: Content) -> BatchOf:
    """Reads a batch."""
    return BatchOf([step(inner) for number, inner in fields(message(content)) if number == 1])


def of_field(content: Content, number: int, kind: Callable[[Content], T]) -> T:
    """Reads the only field of a message, which may be left out when it is empty."""
    found = [inner for each, inner in fields(message(content)) if each == number]
    return kind(found[-1] if found else b"")


TEXT_OR_ID: Kinds = {1: ("sql", text), 2: ("sql_id", signed)}
STORE: Kinds = {1: ("sql_id", signed), 2: ("sql", text)}


def store_sql(content: Content) -> StoreSql:
    """Reads a request to keep a text."""
    found = read(message(content), STORE)
    return StoreSql(found.get("sql_id", 0), found.get("sql", ""))


def close_sql(content: Content) -> CloseSql:
    """Reads a request to forget a text."""
    return CloseSql(read(message(content), STORE).get("sql_id", 0))


REQUESTS: dict[int, Callable[[Content], StreamRequest]] = {
    1: lambda content: Close(),
    2: lambda content: Execute(of_field(content, 1, stmt)),
    3: lambda content: Batch(of_field(content, 1, batch)),
    4: lambda content: Sequence(**read(message(content), TEXT_OR_ID)),
    5: lambda content: Describe(**read(message(content), TEXT_OR_ID)),
    6: store_sql,
    7: close_sql,
    8: lambda content: GetAutocommit(),
}


def stream_request(content: Content) -> StreamRequest:
    """Reads a request on a stream."""
    found = None
    for number, inner in fields(message(content)):
        if number in REQUESTS:
            found = REQUESTS[number](inner)
    if found is None:
        raise ProtocolViolated("StreamRequest type not recognized")
    return found


def pipeline(data: bytes) -> PipelineRequest:
    """Reads a pipeline. Raises ProtocolViolated."""
    return PipelineRequest(**read(data, {1: ("baton", text), 2: ("requests", stream_request)}, ("requests",)))


def cursor(data: bytes) -> CursorRequest:
    """Reads a request for a cursor. Raises ProtocolViolated."""
    found = read(data, {1: ("baton", text), 2: ("batch", batch)})
    return CursorRequest(found.get("batch") or BatchOf([]), found.get("baton"))
