"""Which addresses a configuration listens on."""

import pytest

from gojinn.config.model import Address, Config, Options, Site, Tls
from gojinn.edge.listeners import ListenerKey, assign, listeners
from gojinn.errors import ConfigError
from gojinn.testing.edge import written

PAIR = Tls("one.pem", "one.key")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", set()),
        (":8080 {\n}", {("", 8080)}),
        ("http://a.com, http://b.com {\n}", {("", 80)}),
        ("{\nhttp_port 81\n}\nhttp://a.com {\n}", {("", 81)}),
        (":80 {\nbind 127.0.0.1 ::1\n}", {("127.0.0.1", 80), ("::1", 80)}),
        (
            "{\ndefault_bind 127.0.0.1\n}\n:80 {\n}\n:81 {\nbind 127.0.0.2\n}",
            {("127.0.0.1", 80), ("127.0.0.2", 81)},
        ),
    ],
)
def test_sites_name_their_listeners(text: str, expected: set[tuple[str, int]]) -> None:
    assert set(listeners(written(text + "\n"))) == {ListenerKey(host, port, False) for host, port in expected}


@pytest.mark.parametrize(
    ("address", "port", "tls"),
    [
        (Address("", "a.com"), 443, True),
        (Address("https", "a.com"), 443, True),
        (Address("http", "a.com"), 80, False),
        (Address("", "a.com", 8443), 8443, True),
        (Address("http", "a.com", 8443), 8443, False),
        (Address("", "", 80), 80, False),
    ],
)
def test_site_with_a_certificate_is_encrypted_unless_its_scheme_says_no(
    address: Address, port: int, tls: bool
) -> None:
    assert listeners(Config(sites=(Site((address,), tls=PAIR),))) == (ListenerKey("", port, tls),)


def test_ports_of_the_schemes_can_be_changed() -> None:
    config = Config(
        Options(http_port=81, https_port=444),
        (Site((Address("https", "a"), Address("http", "a")), tls=PAIR),),
    )
    assert listeners(config) == (ListenerKey("", 444, True), ListenerKey("", 81, False))


def test_https_without_a_certificate_is_refused() -> None:
    with pytest.raises(ConfigError, match="has no certificate"):
        listeners(Config(sites=(Site((Address("https", "a.com"),)),)))


def test_port_with_and_without_tls_is_refused() -> None:
    plain, encrypted = Site((Address("http", "a", 8443),)), Site((Address("", "b", 8443),), tls=PAIR)
    with pytest.raises(
        ConfigError, match="port 8443 is wanted with TLS by one site and without it by another"
    ):
        listeners(Config(sites=(plain, encrypted)))


def test_listener_serves_a_site_under_the_addresses_that_belong_to_it() -> None:
    first = Site((Address("", "a", 80), Address("", "b", 80), Address("", "c", 81)))
    found = assign(Config(sites=(first,)))
    assert {
        key.port: [address.host for served in entries for address in served.addresses]
        for key, entries in found.items()
    } == {
        80: ["a", "b"],
        81: ["c"],
    }
