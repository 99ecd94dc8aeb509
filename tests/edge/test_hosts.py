"""Host headers and host patterns."""

import pytest

from gojinn.edge.hosts import host_test, split_authority


@pytest.mark.parametrize(
    ("value", "split"),
    [
        (b"a.com", ("a.com", "")),
        (b"A.com:80", ("a.com", "80")),
        (b"a.com:", ("a.com", "")),
        (b"", ("", "")),
        (b":80", ("", "80")),
        (b"[::1]", ("::1", "")),
        (b"[FE80::1%25eth0]:80", ("fe80::1%25eth0", "80")),
        (b"xn--bcher-kva.example", ("xn--bcher-kva.example", "")),
        (b"under_score", ("under_score", "")),
    ],
)
def test_authority_is_split(value: bytes, split: tuple[str, str]) -> None:
    assert split_authority(value) == split


@pytest.mark.parametrize(
    "value",
    [
        b"a b",
        b"a/b",
        b"a?b",
        b"u@a",
        b"a:b",
        b"::1",
        b"[::1",
        b"[x]",
        b"a\tb",
        b"a\x00",
        b"a\\b",
        b"a:80:80",
        b"b\xc3\xbc",
    ],
)
def test_what_is_no_authority_is_refused(value: bytes) -> None:
    assert split_authority(value) is None


def test_wildcard_stands_for_one_label() -> None:
    test = host_test("*.a.com")
    assert [test(host) for host in ("x.a.com", "a.com", "x.y.a.com", ".a.com")] == [True, False, False, True]
