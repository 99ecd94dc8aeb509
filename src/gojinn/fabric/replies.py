"""What JetStream answers, and which of our errors its error codes mean. Asking is `connection`'s."""

from __future__ import annotations

from typing import Any

import msgspec

from gojinn.errors import Conflict, FabricError, GojinnError, LimitExceeded, NotFound, Unavailable

WRONG_LAST_SEQUENCE = frozenset({10070, 10071, 10164})
"""Of a stream, or of a subject in it: a compare-and-set that came too late."""
IN_USE = frozenset({10058, 10065, 10013, 10105, 10130, 10148})
"""A stream or consumer of that name, or with these subjects, is there already and is another one."""
MISSING = frozenset({10037, 10014, 10059, 10020})
"""A message, a consumer, a stream."""
DELETING = 10057
"""A message could not be deleted; because there is none, as the description may say."""
FULL = frozenset({10002, 10023, 10026, 10027, 10028, 10047, 10054, 10067})
"""A limit of the account or of a stream, or a message that is larger than one may be."""
OFF = frozenset({10039, 10076})
"""JetStream is not enabled, for the account or in the server."""
IN_PROCESS = frozenset({10158})
"""A message of that id is just being stored: whether it will be is known a moment later."""
SHORT_OF_SERVERS = 10005
"""A new stream needs as many servers as it has copies, and one of the cluster is down."""
DISK = frozenset({10077})
"""Storing failed: the disk is full, or the stream is as large as it may get."""
STREAM_IS_FULL = ("maximum", "exceeded")
"""Words by which DISK says that a stream's own limit is meant."""
SERVER_FAULT = 500


class ApiFault(msgspec.Struct):
    """An error as JetStream's API reports it."""

    code: int = 0
    """Like an HTTP status."""
    err_code: int = 0
    """Stable, see `server/errors.json` of nats-server."""
    description: str = ""


class Ack(msgspec.Struct):
    """What tells that a message is stored, and on disk."""

    stream: str = ""
    seq: int = 0
    """Its place in the stream."""
    duplicate: bool = False
    """Whether it was stored before, by an earlier attempt with the same id."""
    batch: str = ""
    """Of an atomic batch: its id."""
    count: int = 0
    """Of an atomic batch: how many messages were stored."""
    error: ApiFault | None = None


read_ack = msgspec.json.Decoder(Ack).decode
read_object = msgspec.json.Decoder(dict[str, Any]).decode


def ack_of(data: bytes) -> Ack:
    """Reads the answer to a publish. Raises the error that it tells of, or FabricError for nonsense."""
    try:
        ack = read_ack(data)
    except msgspec.MsgspecError as error:
        raise FabricError("NATS gave an answer that is no acknowledgement") from error
    if ack.error is not None:
        raise error_of(ack.error)
    return ack


def object_of(data: bytes) -> dict[str, Any]:
    """Reads an answer of the API. Raises the error that it tells of, or FabricError for nonsense."""
    try:
        answer = read_object(data)
        fault = answer.get("error")
        known = None if fault is None else msgspec.convert(fault, ApiFault)
    except msgspec.MsgspecError as error:
        raise FabricError("NATS gave an answer that is no JSON object") from error
    if known is not None:
        raise error_of(known)
    return answer


def error_of(fault: ApiFault) -> GojinnError:
    """Makes the error that a fault stands for."""
    text = f"NATS: {fault.description or 'unknown error'} ({fault.err_code})"
    if fault.err_code in WRONG_LAST_SEQUENCE:
        return Conflict(f"changed by somebody else meanwhile: {text}")
    if fault.err_code in IN_USE:
        return Conflict(text)
    if fault.err_code in MISSING or (fault.err_code == DELETING and "no message" in fault.description):
        return NotFound(text)
    if fault.err_code in OFF:
        return Unavailable(text, hint="enable JetStream in that server, for this account")
    if fault.err_code in FULL or (fault.err_code in DISK and is_own_limit(fault.description)):
        return LimitExceeded(text)
    if fault.err_code == SHORT_OF_SERVERS:
        return Unavailable(text, hint="start all servers of the cluster, or lower 'replicas'")
    if fault.err_code in DISK:
        return Unavailable(text, hint="make room on the disk of the data directory")
    if fault.err_code in IN_PROCESS:
        return Unavailable(text)
    return Unavailable(text) if fault.code >= SERVER_FAULT else FabricError(text)


def is_own_limit(description: str) -> bool:
    """Whether storing failed by a limit of the stream, not by the disk."""
    return all(word in description for word in STREAM_IS_FULL)
