"""Tests of `allow_host`: its forms, and whom they let a function ask."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from gojinn.capabilities.http.rules import Policy, line_for, parse_rule
from gojinn.config.units import BadValue


def policy(*lines: str, own: str = "") -> Policy:
    return Policy(map(parse_rule, lines), own=lambda address: str(address) == own)


@pytest.mark.parametrize(
    ("line", "name", "port", "allowed"),
    [
        ("api.example.com", "api.example.com", 443, True),
        ("api.example.com", "api.example.com", 8080, True),
        ("API.example.com.", "api.example.com", 443, True),
        ("api.example.com", "example.com", 443, False),
        ("api.example.com", "x.api.example.com", 443, False),
        ("api.example.com", "api.example.com.evil.test", 443, False),
        ("*.example.com", "api.example.com", 443, True),
        ("*.example.com", "a.b.example.com", 443, True),
        ("*.example.com", "example.com", 443, False),
        ("*.example.com", "evilexample.com", 443, False),
        ("api.example.com:8443", "api.example.com", 8443, True),
        ("api.example.com:8443", "api.example.com", 443, False),
        ("*.example.com:8443", "api.example.com", 443, False),
        ("bücher.example", "xn--bcher-kva.example", 443, True),
        ("*", "anything.example", 443, True),
        ("*:443", "anything.example", 80, False),
        ("localhost", "localhost", 80, True),
        ("127.0.0.1", "localhost", 80, False),
        ("10.0.0.0/8", "intranet.example", 80, False),
    ],
)
def test_names(line: str, name: str, port: int, allowed: bool) -> None:
    assert policy(line).names(name, port) is allowed


@pytest.mark.parametrize(
    ("line", "address", "port", "allowed"),
    [
        ("10.0.0.5", "10.0.0.5", 80, True),
        ("10.0.0.5", "10.0.0.6", 80, False),
        ("10.0.0.5:8080", "10.0.0.5", 80, False),
        ("10.0.0.5:8080", "10.0.0.5", 8080, True),
        ("10.5", "10.0.0.5", 80, True),
        ("10.0.0.0/8", "10.200.0.6", 80, True),
        ("10.0.0.0/8:80", "10.200.0.6", 81, False),
        ("[::1]:8080", "::1", 8080, True),
        ("::1", "::1", 8080, True),
        ("fd00::/8", "fd00::1", 80, True),
        ("127.0.0.1", "::ffff:127.0.0.1", 80, True),
        ("localhost", "127.0.0.1", 80, True),
        ("localhost", "::1", 80, True),
        ("localhost:80", "127.0.0.1", 81, False),
        ("*", "10.0.0.5", 80, False),
        ("*", "1.1.1.1", 80, True),
        ("*:443", "1.1.1.1", 80, False),
        ("api.example.com", "1.1.1.1", 80, False),
        ("1.1.1.1", "1.1.1.1", 80, True),
    ],
)
def test_addresses_in_the_place_of_a_name(line: str, address: str, port: int, allowed: bool) -> None:
    assert policy(line).asks(ip_address(address), port) is allowed


def test_a_name_leads_to_public_addresses_only() -> None:
    found = policy("api.example.com", "*")
    assert found.admits(ip_address("1.1.1.1"), 443)
    assert not found.admits(ip_address("10.0.0.5"), 443)
    assert policy("api.example.com", "10.0.0.5:443").admits(ip_address("10.0.0.5"), 443)
    assert not policy("api.example.com", "10.0.0.5:443").admits(ip_address("10.0.0.5"), 80)


def test_addresses_of_this_machine_are_as_private_as_loopback() -> None:
    assert not policy("*", own="1.1.1.1").admits(ip_address("1.1.1.1"), 443)
    assert not policy("*", own="1.1.1.1").asks(ip_address("1.1.1.1"), 443)
    assert policy("1.1.1.1", own="1.1.1.1").asks(ip_address("1.1.1.1"), 443)


def test_connections_are_shared_where_the_same_private_addresses_are_reached() -> None:
    assert policy("api.example.com").private == policy("*").private == policy().private
    assert policy("10.0.0.5").private != policy("10.0.0.5:80").private != policy("10.0.0.6:80").private


WRONG = """
https://api.example.com api.example.com/path api.example.com:0 api.example.com:65536 10.0.0.1/8 10.0.0.0/33
*.*.example.com *.10.0.0.1 a*.example.com user@host ** [fe80::1%eth0] [::1 host: host:http 256.0.0.1
"""


@pytest.mark.parametrize("text", ["", "a b", *WRONG.split()])
def test_what_allows_nobody_is_refused(text: str) -> None:
    with pytest.raises(BadValue, match="expected a "):
        parse_rule(text)


def test_the_line_to_add_is_one_that_can_be_added() -> None:
    assert line_for("api.example.com", 443, 443) == "allow_host api.example.com"
    assert line_for("api.example.com", 8443, 443) == "allow_host api.example.com:8443"
    assert line_for(ip_address("::1"), 8080, 80) == "allow_host [::1]:8080"
    rule = parse_rule(line_for(ip_address("::1"), 80, 80).split()[1])
    assert rule.covers(ip_address("::1"), 80)
