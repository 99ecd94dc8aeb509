"""Tests of API keys."""

from __future__ import annotations

from gojinn.trust.keyring import Keyring

KEYRING = Keyring([("acme", "key-1"), ("acme", "key-2"), ("umbrella", "schlüssel")])


def test_a_key_names_its_tenant() -> None:
    assert KEYRING.tenant(b"key-1") == "acme"
    assert KEYRING.tenant(b"key-2") == "acme"
    assert KEYRING.tenant("schlüssel".encode()) == "umbrella"


def test_other_keys_name_nobody() -> None:
    for key in (b"", b"key", b"key-11", b"KEY-1", b"\xff" * 10_000):
        assert KEYRING.tenant(key) is None


def test_an_empty_keyring_lets_nobody_in() -> None:
    assert Keyring([]).tenant(b"") is None
