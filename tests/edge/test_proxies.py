"""Client addresses behind proxies: whose word counts."""

import pytest

from gojinn.edge.addresses import Addresses
from gojinn.edge.message import Request
from gojinn.edge.proxies import Proxies
from gojinn.testing.edge import make_request

PROXIES = Proxies(["10.0.0.0/8", "fd00::/8"])


def applied(forwarded: str | None, remote: str = "10.0.0.1") -> Request:
    """Makes a request that went through the proxies."""
    request = make_request(remote=remote, headers={} if forwarded is None else {"X-Forwarded-For": forwarded})
    PROXIES.apply(request)
    return request


@pytest.mark.parametrize(
    ("forwarded", "client"),
    [
        (None, "10.0.0.1"),
        ("", "10.0.0.1"),
        ("1.2.3.4", "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4", "1.2.3.4"),
        ("1.2.3.4, 10.0.0.9", "1.2.3.4"),
        ("9.9.9.9, 1.2.3.4,10.0.0.9 , 10.0.0.8", "1.2.3.4"),
        ("10.0.0.7, 10.0.0.8", "10.0.0.7"),
        ("garbage, 10.0.0.8", "10.0.0.8"),
        ("1.2.3.4, garbage", "10.0.0.1"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("1.2.3.4, " + "10.0.0.2, " * 5000 + "10.0.0.3", "1.2.3.4"),
    ],
)
def test_nearest_address_that_is_no_proxy_is_the_clients(forwarded: str | None, client: str) -> None:
    request = applied(forwarded)
    assert (request.trusted, request.client_ip) == (True, client)


def test_nobody_else_is_believed() -> None:
    request = applied("1.2.3.4", remote="8.8.8.8")
    assert (request.trusted, request.client_ip) == (False, "8.8.8.8")


def test_repeated_fields_are_one_list() -> None:
    request = make_request(remote="10.0.0.1")
    request.raw_headers += [(b"x-forwarded-for", b"9.9.9.9"), (b"x-forwarded-for", b"1.2.3.4")]
    PROXIES.apply(request)
    assert request.client_ip == "1.2.3.4"


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("fd00::1%eth0", True),
        ("11.0.0.1", False),
        ("", False),
        ("x", False),
    ],
)
def test_addresses_know_what_they_hold(text: str, held: bool) -> None:
    assert (text in Addresses(["10.0.0.0/8", "fd00::/8"])) == held


def test_private_ranges_have_a_name() -> None:
    addresses = Addresses(["private_ranges"])
    assert "192.168.3.4" in addresses
    assert "8.8.8.8" not in addresses
