"""Addresses of upstreams."""

import pytest

from gojinn.config.units import BadValue
from gojinn.edge.proxy.addresses import parse_address, parse_target


@pytest.mark.parametrize(
    ("text", "dial", "scheme"),
    [
        ("localhost", "localhost:80", ""),
        (":9000", "localhost:9000", ""),
        ("10.0.0.1:9000", "10.0.0.1:9000", ""),
        ("[::1]:9000", "[::1]:9000", ""),
        ("[::1]", "[::1]:80", ""),
        ("tcp/a:1", "a:1", ""),
        ("http://a", "a:80", "http"),
        ("https://a", "a:443", "https"),
        ("HTTPS://a:8443", "a:8443", "https"),
        ("unix//run/app.sock", "unix//run/app.sock", ""),
        ("{vars.up}:80", "{vars.up}:80", ""),
    ],
)
def test_addresses_are_completed(text: str, dial: str, scheme: str) -> None:
    target = parse_target(text)
    assert (target.dial, target.scheme) == (dial, scheme)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "a:b",
        "a:0",
        "a:70000",
        "::1",
        "a/b",
        "unix/",
        "udp/a:1",
        "http://",
        "http://{x}",
        "a b",
        "a\n",
        "http://a:1/x",
    ],
)
def test_others_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_target(text)


@pytest.mark.parametrize(
    ("text", "host", "port", "hostport"),
    [("[::1]:9", "::1", "9", "[::1]:9"), ("unix//a b", "", "", ""), ("unix//a", "/a", "", "/a")],
)
def test_parts_of_an_address(text: str, host: str, port: str, hostport: str) -> None:
    if not host:
        with pytest.raises(BadValue):
            parse_address(text)
        return
    address = parse_address(text)
    assert (address.host, address.port, address.hostport) == (host, port, hostport)


@pytest.mark.parametrize(
    ("text", "dial"),
    [
        ("unix/app.sock", "unix//srv/app.sock"),
        ("unix//app.sock", "unix//app.sock"),
        ("unixhost", "unixhost:80"),
    ],
)
def test_path_of_a_socket_is_relative_to_the_caddyfile(text: str, dial: str) -> None:
    assert parse_target(text).within("/srv").dial == dial
