"""Requests as upstreams see them."""

import pytest

from gojinn.edge.proxy.outgoing import prepare, title
from gojinn.testing.edge import make_request


def sent(
    *, trusted: bool = False, method: str = "GET", remote: str = "127.0.0.1", **headers: str
) -> list[str]:
    """Returns the lines of a request's head; underscores in names become hyphens."""
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    outgoing = prepare(make_request("/p?q", method=method, headers=fields, remote=remote), trusted=trusted)
    return outgoing.head(outgoing.headers, keep_alive=True).decode().split("\r\n")[:-2]


def test_what_means_one_connection_only_is_left_out() -> None:
    lines = sent(
        connection="close, x-mine",
        x_mine="1",
        keep_alive="5",
        te="gzip",
        proxy_authorization="x",
        upgrade="x",
    )
    assert lines[:2] == ["GET /p?q HTTP/1.1", "Host: localhost"]
    assert {line.partition(":")[0] for line in lines[2:]} == {
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
    }


def test_wish_for_trailers_and_for_another_protocol_is_passed_on() -> None:
    lines = sent(connection="Upgrade", upgrade="websocket", te="gzip, trailers")
    assert {"Connection: Upgrade", "Upgrade: websocket", "Te: trailers"} <= set(lines)


@pytest.mark.parametrize(
    ("trusted", "given", "expected"),
    [(False, "1.2.3.4", "9.9.9.9"), (True, "1.2.3.4", "1.2.3.4, 9.9.9.9"), (True, "", "9.9.9.9")],
)
def test_only_trusted_proxies_are_believed(trusted: bool, given: str, expected: str) -> None:
    assert f"X-Forwarded-For: {expected}" in sent(trusted=trusted, remote="9.9.9.9", x_forwarded_for=given)


def test_zone_of_an_address_stays_here() -> None:
    assert "X-Forwarded-For: fe80::1" in sent(remote="fe80::1%eth0")


@pytest.mark.parametrize(
    ("method", "headers", "framing"),
    [
        ("GET", {}, None),
        ("DELETE", {}, None),
        ("POST", {}, "Content-Length: 0"),
        ("POST", {"content_length": "5"}, "Content-Length: 5"),
        ("GET", {"content_length": "5"}, "Content-Length: 5"),
        ("PUT", {"transfer_encoding": "chunked"}, "Transfer-Encoding: chunked"),
    ],
)
def test_body_is_framed_as_it_came(method: str, headers: dict[str, str], framing: str | None) -> None:
    lines = [line for line in sent(method=method, **headers) if line.startswith(("Content-L", "Transfer"))]
    assert lines == ([framing] if framing else [])


def test_names_are_written_as_most_people_do() -> None:
    assert title(b"sec-websocket-key-1x") == b"Sec-Websocket-Key-1x"
