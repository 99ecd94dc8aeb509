"""Who is let in, by tokens and by JWTs that a real library has signed."""

from __future__ import annotations

import json
import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

import pytest
from nacl.signing import SigningKey

from gojinn.config.units import Secret
from gojinn.libsql.gate import Access, AuthFailed, Gate
from gojinn.libsql.tokens import SPKI, Token, public_key

KEY = SigningKey(bytes(range(32)))
PUBLIC = bytes(KEY.verify_key)
PEM = f"-----BEGIN PUBLIC KEY-----\n{b64encode(SPKI + PUBLIC).decode()}\n-----END PUBLIC KEY-----\n"
NOW = int(time.time())


@pytest.fixture(autouse=True)
def _still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time does not go on after this module was imported."""
    monkeypatch.setattr(time, "time", lambda: NOW)


def part(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def jwt(claims: Mapping[str, Any], key: SigningKey = KEY, alg: str = "EdDSA") -> str:
    signed = part(json.dumps({"alg": alg, "typ": "JWT"}).encode()) + "." + part(json.dumps(claims).encode())
    return signed + "." + part(key.sign(signed.encode()).signature)


def gate(namespace: str = "") -> Gate:
    return Gate([Token(Secret("all"), "acme")], [Token(Secret("look"))], [PUBLIC.hex()], namespace)


def refused(judge: Gate, token: str | None) -> str | None:
    with pytest.raises(AuthFailed) as failed:
        judge.token(token)
    return failed.value.fault.code


def test_tokens_tell_what_is_allowed_and_whose_they_are() -> None:
    assert gate().token("all") == Access(tenant="acme")
    assert gate().token("look") == Access(readonly=True)
    assert gate().header(b"bearer  all") == Access(tenant="acme")


def test_without_tokens_everybody_is_let_in() -> None:
    assert Gate().open
    assert Gate().header(None) == Gate().token(None) == Access()


@pytest.mark.parametrize(
    ("claims", "readonly"),
    [
        ({}, False),
        ({"a": "rw"}, False),
        ({"a": "ro"}, True),
        ({"exp": NOW + 60}, False),
        ({"exp": NOW - 30}, False),
        ({"exp": NOW + 60.5, "nbf": NOW, "iat": NOW, "other": [1]}, False),
        ({"p": {"rw": {"ns": ["x"]}}}, False),
        ({"p": {"ro": {"ns": ["x"]}}, "a": "rw"}, True),
    ],
)
def test_a_jwt_that_we_trust_lets_in(claims: dict[str, Any], readonly: bool) -> None:
    assert gate().token(jwt(claims)).readonly is readonly


@pytest.mark.parametrize(
    ("token", "code"),
    [
        (None, "AUTH_JWT_MISSING"),
        ("", "AUTH_JWT_INVALID"),
        ("nothing", "AUTH_JWT_INVALID"),
        ("ü" * 10_000, "AUTH_JWT_INVALID"),
        ("..", "AUTH_JWT_INVALID"),
        (jwt({})[:-3], "AUTH_JWT_INVALID"),
        (jwt({}) + "A", "AUTH_JWT_INVALID"),
        (jwt({}, SigningKey.generate()), "AUTH_JWT_INVALID"),
        (jwt({}, alg="none"), "AUTH_JWT_INVALID"),
        (jwt({}, alg="HS256"), "AUTH_JWT_INVALID"),
        (jwt({}).replace(".", ".e30.", 1), "AUTH_JWT_INVALID"),
        (jwt({"exp": "tomorrow"}), "AUTH_JWT_INVALID"),
        (jwt({"exp": NOW - 120}), "AUTH_JWT_EXPIRED"),
        (jwt({"nbf": NOW + 120}), "AUTH_JWT_IMMATURE"),
        (jwt({"p": {}}), "AUTH_FAILED"),
        (jwt({"p": {"rw": {"ns": []}}}), "AUTH_FAILED"),
        (jwt({"p": {"rw": "x"}}), "AUTH_FAILED"),
    ],
)
def test_others_are_not_let_in(token: str | None, code: str) -> None:
    assert refused(gate(), token) == code


def test_a_jwt_for_another_namespace_is_refused() -> None:
    assert gate("shop").token(jwt({"id": "shop"})).tenant == "shop"
    assert gate("shop").token(jwt({})).tenant == ""
    assert gate("shop").token(jwt({"p": {"rw": {"ns": ["a", "shop"]}}})).tenant == "shop"
    assert refused(gate("shop"), jwt({"id": "other"})) == "AUTH_FAILED"
    assert refused(gate("shop"), jwt({"p": {"rw": {"ns": ["other"]}}})) == "AUTH_FAILED"


def test_a_jwt_ends_while_it_is_used() -> None:
    access = gate().token(jwt({"exp": NOW + 1}))
    access.check()
    with pytest.raises(AuthFailed):
        Access(until=NOW - 61).check()


@pytest.mark.parametrize(
    "text",
    [
        b64encode(PUBLIC).decode(),
        urlsafe_b64encode(PUBLIC).decode().rstrip("="),
        b64encode(SPKI + PUBLIC).decode(),
        PEM,
    ],
    ids=["base64", "base64url", "der", "pem"],
)
def test_public_keys_are_read_in_their_forms(text: str) -> None:
    assert public_key(text) == PUBLIC


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "ü",
        "A" * 42,
        b64encode(PUBLIC + b"x").decode(),
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
    ],
)
def test_other_keys_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="this is not"):
        public_key(text)
