"""Accept-Encoding, well-formed and not."""

import pytest

from gojinn.edge.encoding import accepted_encodings
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", []),
        ("gzip", ["gzip"]),
        ("gzip, zstd", ["zstd", "gzip"]),
        ("gzip;q=1.0, zstd;q=0.9", ["gzip", "zstd"]),
        ("gzip;q=0, br", ["br"]),
        ("gzip;q=0.000001", []),
        ("GZip ; Q=0.5", ["gzip"]),
        ("gzip;q=", ["gzip"]),
        ("gzip;q=-1, br;q=2", ["gzip", "br"]),
        ("gzip;q=nan", ["gzip"]),
        (",,;;q=1", ["", "", ""]),
        ("*", ["*"]),
    ],
)
def test_encodings_are_ranked(header: str, expected: list[str]) -> None:
    request = make_request(headers={"accept-encoding": header} if header else {})
    assert accepted_encodings(request, ("zstd", "gzip")) == expected


def test_websocket_handshakes_are_left_alone() -> None:
    request = make_request(headers={"accept-encoding": "gzip, identity", "sec-websocket-key": "x"})
    assert accepted_encodings(request, ("gzip",)) == ["identity"]


def test_huge_header_is_read_in_passing() -> None:
    request = make_request(headers={"accept-encoding": "gzip;q=0.5," * 5000})
    assert accepted_encodings(request, ("gzip",)).count("gzip") == 5000
