"""Tests of hosts: their one spelling, and which addresses are public."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from gojinn.capabilities.http.addresses import is_own, is_public
from gojinn.capabilities.http.hosts import BadHost, parse_host

LOOPBACK = ("127.0.0.1", "127.1", "0x7f.1", "0x7f000001", "2130706433", "017700000001", "127.0.0.1.")
ODD = ("0177.0.0.0x1", "127。0。0。1", "\uff11\uff12\uff17.0.0.1", "[::ffff:127.0.0.1]", "[::FFFF:7f00:1]")


@pytest.mark.parametrize("text", [*LOOPBACK, *ODD])
def test_every_spelling_of_an_address_is_that_address(text: str) -> None:
    assert parse_host(text) == ip_address("127.0.0.1")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("API.Example.COM", "api.example.com"),
        ("api.example.com.", "api.example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("\uff45xample.com", "example.com"),
        ("my_service", "my_service"),
        ("1.2.3.four", "1.2.3.four"),
    ],
)
def test_names_have_one_spelling(text: str, name: str) -> None:
    assert parse_host(text) == name


NONE = """
. .. a..b example.com.. exa%6dple.com a@b a:b -a.example a/b 1.2.3.4.5 256.1.1.1 0x1ffffffff 1.2.3.08
example.99 [::1 ::1 [fe80::1%eth0] [127.0.0.1] []
"""
ODDER = ("", "a b", "x\0y", "x\ny", "\u200d", "xn--\u00fc", "a" * 64, "a.b" * 90)


@pytest.mark.parametrize("text", [*NONE.split(), *ODDER])
def test_what_is_no_host_is_refused(text: str) -> None:
    with pytest.raises(BadHost):
        parse_host(text)


INSIDE = """
127.0.0.1 127.255.255.254 0.0.0.0 10.0.0.5 100.64.0.1 100.100.100.200 169.254.169.254 168.63.129.16 172.16.0.1
172.31.255.255 192.168.1.1 192.0.0.192 198.18.0.1 224.0.0.1 255.255.255.255 240.0.0.1 192.0.2.1 :: ::1 fe80::1
fd00:ec2::254 fc00::1 ff02::1 fec0::1 ::ffff:10.0.0.5 ::10.0.0.5 2002:7f00:1:: 64:ff9b::7f00:1 64:ff9b:1::1
2001::1 2001:db8::1 100::1 3fff::1
"""


@pytest.mark.parametrize("text", INSIDE.split())
def test_addresses_of_the_inside_are_not_public(text: str) -> None:
    assert not is_public(ip_address(text))


OUTSIDE = """
1.1.1.1 172.15.0.1 172.32.0.1 100.128.0.1 9.255.255.255 2606:4700:4700::1111 64:ff9b::101:101 ::ffff:1.1.1.1
168.63.129.17
"""


@pytest.mark.parametrize("text", OUTSIDE.split())
def test_addresses_of_the_internet_are_public(text: str) -> None:
    assert is_public(ip_address(text))


def test_this_machine_knows_its_own_addresses() -> None:
    assert is_own(ip_address("127.0.0.1"))
    assert not is_own(ip_address("192.0.2.1"))
    assert not is_own(ip_address("2001:db8::1"))
