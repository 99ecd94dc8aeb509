"""Tests of the addresses of requests."""

from __future__ import annotations

import pytest
from aiohttp.helpers import is_ip_address
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from gojinn.capabilities.http.urls import BadUrl, joined, parse_url


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTPS://Example.COM:443/A?b=c#d", "https://example.com/A?b=c"),
        ("http://example.com:8080?q", "http://example.com:8080/?q"),
        ("http://example.com:/x", "http://example.com/x"),
        (" http://example.com/ ", "http://example.com/"),
        ('http://example.com/a b/ü?q=ä"<>', "http://example.com/a%20b/%C3%BC?q=%C3%A4%22%3C%3E"),
        ("http://example.com/%2F%zz", "http://example.com/%2F%zz"),
        ("http://0x7f.1:80/", "http://127.0.0.1/"),
        ("http://[::ffff:127.0.0.1]/", "http://127.0.0.1/"),
        ("http://[::1]:81/", "http://[::1]:81/"),
        ("http://bücher.example./", "http://xn--bcher-kva.example/"),
        ("http://example.com/a\\b", "http://example.com/a%5Cb"),
    ],
)
def test_addresses_are_read_as_they_are_sent(text: str, read: str) -> None:
    assert str(parse_url(text)) == read


WRONG = """
/path example.com //example.com/ http:example.com http:/example.com ftp://example.com/ file:///etc/passwd http://
http:///path http://user:pass@example.com/ http://@example.com/ http://example.com:99999/ http://example.com:0/
http://example.com:x/ http://example.com:80:80/ http://exa%6dple.com/ http://[::1/ javascript:alert(1)
"""


@pytest.mark.parametrize(
    "text",
    [
        *WRONG.split(),
        *(
            "",
            "http://a b/",
            "http://allowed.example\\@evil.example/",
            "http://allowed.example\\.evil.example/",
        ),
        *("http://example.com/\r\nX: y", "http://example.com/\0", "http://exam\tple.com/", "http://\ud800/"),
        *("http://example.com/\ud800", "http://example.com/" + "a" * 20_000),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    with pytest.raises(BadUrl):
        parse_url(text)


@pytest.mark.parametrize(
    ("location", "to"),
    [
        ("/b", "https://example.com/b"),
        ("c?d", "https://example.com/a/c?d"),
        ("//other.example/x", "https://other.example/x"),
        ("http://other.example", "http://other.example/"),
        ("?q", "https://example.com/a/b?q"),
        ("", "https://example.com/a/b?1"),
        ("#top", "https://example.com/a/b?1"),
    ],
)
def test_redirects_lead_where_browsers_go(location: str, to: str) -> None:
    assert str(joined(parse_url("https://example.com/a/b?1"), location)) == to


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "data:,x", "http://[", "//a@b/", "/\\evil", "http://"]
)
def test_redirects_to_no_address_are_refused(location: str) -> None:
    with pytest.raises(BadUrl):
        joined(parse_url("https://example.com/a/b?1"), location)


PARTS = st.sampled_from(
    [
        *(
            "http://",
            "https://",
            "//",
            "/",
            "\\",
            "@",
            ":",
            "?",
            "#",
            "[",
            "]",
            ".",
            "..",
            "%",
            "%2e",
            " ",
            "\t",
            "0x",
        ),
        *(
            "localhost",
            "127.0.0.1",
            "2130706433",
            "0177.1",
            "::1",
            "::ffff:127.0.0.1",
            "example.com",
            "evil.test",
        ),
        *(
            "443",
            "80",
            "a",
            "\u3002",
            "\uff0f",
            "\uff20",
            "\u2100",
            "ß",
            "xn--",
            "\u0130",
            "\0",
            "\r\n",
            ";",
            "&",
        ),
    ]
)


@given(st.lists(PARTS, max_size=8).map("".join))
def test_the_client_reads_every_address_as_it_was_checked(rest: str) -> None:
    """What is connected to is what this reads: a difference would be a way around the filter."""
    try:
        checked = parse_url("http://" + rest)
    except BadUrl:
        return
    sent = URL(str(checked), encoded=True)
    assert (sent.raw_host, sent.port) == (str(checked.host), checked.port)
    assert sent.user is None
    assert parse_url(str(checked)) == checked
    if is_ip_address(sent.raw_host):
        assert not isinstance(checked.host, str)
