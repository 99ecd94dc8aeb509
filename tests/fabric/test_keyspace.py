from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.errors import BadRequest, LimitExceeded
from gojinn.fabric.keyspace import Keyspace

KEYS = Keyspace("acme", "kv")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("key", "subject"),
    [
        ("plain", "plain"),
        ("orders/17", "orders=2F.17"),
        ("user:42:", "user=3A.42=3A.="),
        ("a.b", "a=2E.b"),
        ("*.>", "=2A=2E.=3E"),
        ("\0\n", "=00=0A"),
        ("größe", "gr=C3=B6=C3=9Fe"),
        ("=", "=3D"),
    ],
)
def test_keys_are_escaped_part_by_part(key: str, subject: str) -> None:
    assert KEYS.subject(key) == f"gojinn.acme.kv.{subject}"
    assert KEYS.key(f"gojinn.acme.kv.{subject}") == key


@given(TEXT)
def test_every_key_comes_back(key: str) -> None:
    assert KEYS.key(KEYS.subject(key)) == key


@given(TEXT, TEXT)
def test_different_keys_have_different_subjects(one: str, other: str) -> None:
    assert (KEYS.subject(one) == KEYS.subject(other)) == (one == other)


@given(TEXT, st.sampled_from(["", "/", ":", "."]), TEXT)
def test_a_key_begins_with_its_prefixes_and_no_others(prefix: str, separator: str, rest: str) -> None:
    key = prefix + separator + rest
    assert KEYS.subject(key).startswith(KEYS.beginning(prefix + separator))
    assert KEYS.subject(rest).startswith(KEYS.beginning(prefix)) == rest.startswith(prefix)


def test_a_prefix_with_a_separator_is_a_narrow_pattern() -> None:
    assert KEYS.pattern("orders/2026-") == "gojinn.acme.kv.orders=2F.>"
    assert KEYS.pattern("orders/") == "gojinn.acme.kv.orders=2F.>"
    assert KEYS.pattern("ord") == "gojinn.acme.kv.>"
    assert KEYS.pattern("") == "gojinn.acme.kv.>"


def test_many_separators_stay_within_a_few_tokens() -> None:
    subject = KEYS.subject("/" * 500)
    assert subject.count(".") < 20
    assert KEYS.key(subject) == "/" * 500


@pytest.mark.parametrize(
    ("key", "kind", "words"),
    [
        ("", BadRequest, "the key is empty"),
        ("\ud800", BadRequest, "no Unicode text"),
        ("k" * 10_000, LimitExceeded, "given 10,000 bytes, expected at most 1,024"),
        ("é" * 600, LimitExceeded, "given 1,200 bytes"),
    ],
    ids=["empty", "surrogate", "huge", "bytes count"],
)
def test_impossible_keys_are_refused(key: str, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        KEYS.subject(key)


def test_the_worst_key_that_is_allowed_fits_a_subject() -> None:
    assert len(KEYS.subject("\0" * 1000)) > 3000
    with pytest.raises(LimitExceeded, match="as it is stored"):
        Keyspace("t" * 64, "kv").subject("\0" * 1024)
