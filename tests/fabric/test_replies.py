"""Answers of JetStream: acknowledgements are read, faults become our errors, nonsense is told."""

from __future__ import annotations

import json

import pytest

from gojinn.errors import Conflict, FabricError, GojinnError, LimitExceeded, NotFound, Unavailable
from gojinn.fabric.replies import ack_of, object_of


def fault(code: int, err_code: int, description: str = "it went wrong") -> bytes:
    """Writes an answer that tells of a fault."""
    return json.dumps({"error": {"code": code, "err_code": err_code, "description": description}}).encode()


def test_an_acknowledgement_is_read() -> None:
    ack = ack_of(b'{"stream":"S","seq":7,"duplicate":true,"domain":"unknown to us"}')
    assert (ack.stream, ack.seq, ack.duplicate) == ("S", 7, True)


@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]", b'{"seq":"x"}', b"\xff\xfe", b'{"error":7}'])
def test_nonsense_is_told(data: bytes) -> None:
    with pytest.raises(FabricError):
        ack_of(data)
    if data != b'{"seq":"x"}':
        with pytest.raises(FabricError):
            object_of(data)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (fault(400, 10071, "wrong last sequence: 3"), Conflict),
        (fault(400, 10164), Conflict),
        (fault(400, 10058), Conflict),
        (fault(404, 10059), NotFound),
        (fault(404, 10037), NotFound),
        (fault(400, 10054), LimitExceeded),
        (fault(503, 10077, "maximum bytes exceeded"), LimitExceeded),
        (fault(503, 10077, "write x.blk: no space left on device"), Unavailable),
        (fault(503, 10039), Unavailable),
        (fault(503, 10008), Unavailable),
        (fault(500, 1), Unavailable),
        (fault(409, 10158), Unavailable),
        (fault(400, 10005), Unavailable),
        (fault(400, 10049), FabricError),
        (fault(0, 0, ""), FabricError),
    ],
)
def test_faults_become_our_errors(answer: bytes, kind: type[GojinnError]) -> None:
    for read in (ack_of, object_of):
        with pytest.raises(kind, match=r"NATS: .*\(\d+\)") as raised:
            read(answer)
        assert type(raised.value) is kind
