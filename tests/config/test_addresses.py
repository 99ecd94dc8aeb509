"""Site addresses in all their forms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.caddyfile.tree import Word
from gojinn.config.addresses import read_address
from gojinn.config.model import Address
from gojinn.errors import ConfigError, Place


def read(text: str) -> Address:
    """Reads an address that stands at the beginning of a file."""
    return read_address(Word(text, Place("f", 1, 1), text))


FORMS = {
    ":8080": Address(port=8080),
    ":0": Address(port=0),
    "localhost": Address(host="localhost"),
    "Example.COM": Address(host="example.com"),
    "example.com.": Address(host="example.com"),
    "example.com:8443": Address(host="example.com", port=8443),
    "http://example.com": Address("http", "example.com"),
    "HTTPS://example.com:8443": Address("https", "example.com", 8443),
    "http://": Address("http"),
    "https://:443": Address("https", port=443),
    "*.example.com": Address(host="*.example.com"),
    "*": Address(host="*"),
    "127.0.0.1:80": Address(host="127.0.0.1", port=80),
    "::1": Address(host="::1"),
    "[::1]": Address(host="::1"),
    "[::1]:80": Address(host="::1", port=80),
    "http://[0:0::1]:80": Address("http", "::1", 80),
    "example.com/foo/*": Address(host="example.com", path="/foo/*"),
    ":80/foo": Address(port=80, path="/foo"),
    "/foo": Address(path="/foo"),
    "http://münchen.de": Address("http", "xn--mnchen-3ya.de"),
    "a_b": Address(host="a_b"),
}


@pytest.mark.parametrize(("text", "address"), FORMS.items(), ids=FORMS)
def test_address_is_split(text: str, address: Address) -> None:
    assert read(text) == address


WRONG = {
    "ftp://a": "wrong scheme in the address 'ftp://a': given 'ftp', expected 'http' or 'https'",
    "ws://a": "wrong scheme in the address 'ws://a': given 'ws'",
    "a:http": "given 'http', expected a port from 0 to 65535",
    "a:70000": "given '70000', expected a port",
    "a:80:90": "given 'a:80:90', expected a host name",
    "a b": "given 'a b', expected a host name",
    "a..b": "given 'a..b', expected a host name",
    "[a]": "given '[a]', expected a host name",
    "[::1": "wrong address '[::1'",
    "{host}": "given '{host}', expected a host name",
    "(snippet": "given '(snippet', expected a host name",
    "é..x": "expected a host name",
    "x" * 5000: "wrong address 'xxx",
}


@pytest.mark.parametrize(("text", "message"), WRONG.items(), ids=[t[:20] for t in WRONG])
def test_what_is_no_address_is_an_error(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        read(text)
    assert message in caught.value.message


def test_websocket_scheme_is_explained() -> None:
    with pytest.raises(ConfigError) as caught:
        read("wss://a")
    assert caught.value.hint == "write 'https://': WebSockets are served there too"


@given(st.text(alphabet="ah:/.*[]1-é%{} \n", min_size=1, max_size=20) | st.text(min_size=1, max_size=20))
def test_any_text_is_an_address_or_an_error(text: str) -> None:
    try:
        address = read(text)
    except ConfigError:
        return
    assert address.host == address.host.lower()
