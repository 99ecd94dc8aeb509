"""Tests of webhook signatures. The first of each scheme is an example from its sender's documentation."""

from __future__ import annotations

import hashlib
import hmac
from base64 import b64encode
from typing import Any

import pytest

from gojinn.trust.webhook import SCHEMES, Delivery, Rejected

NOW = 1_700_000_000
SECRET = "It's a Secret to Everybody"
BODY = b"Hello, World!"


def signature(message: bytes, secret: bytes = SECRET.encode()) -> str:
    return hmac.digest(secret, message, hashlib.sha256).hex()


def delivery(fields: dict[str, str], body: bytes = BODY, **rest: Any) -> Delivery:
    table = {name.lower().encode(): value.encode() for name, value in fields.items()}
    return Delivery(table.get, body, rest.pop("secrets", [SECRET]), NOW, **rest)


GITHUB = {"X-Hub-Signature-256": "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}
STRIPE = {"Stripe-Signature": f"t={NOW},v1={signature(f'{NOW}.'.encode() + BODY)},v0=old"}
SLACK = {
    "X-Slack-Request-Timestamp": str(NOW),
    "X-Slack-Signature": "v0=" + signature(f"v0:{NOW}:".encode() + BODY),
}
PLAIN = {"X-Signature": "sha256=" + signature(BODY)}
TIMED = {"X-Timestamp": str(NOW), "X-Signature": signature(f"{NOW}.".encode() + BODY)}
STANDARD_SECRET = "whsec_" + b64encode(b"0123456789abcdef01234567").decode()
STANDARD_DIGEST = hmac.digest(b"0123456789abcdef01234567", f"msg_1.{NOW}.".encode() + BODY, hashlib.sha256)
STANDARD = {
    "webhook-id": "msg_1",
    "webhook-timestamp": str(NOW),
    "webhook-signature": f"v1,AAAA v1,{b64encode(STANDARD_DIGEST).decode()}",
}

GOOD = {
    "github": ("github", GITHUB, [SECRET]),
    "stripe": ("stripe", STRIPE, [SECRET]),
    "slack": ("slack", SLACK, [SECRET]),
    "plain": ("generic", PLAIN, [SECRET]),
    "timed": ("generic", TIMED, [SECRET]),
    "standard": ("generic", STANDARD, [STANDARD_SECRET]),
}


@pytest.mark.parametrize(("scheme", "fields", "secrets"), GOOD.values(), ids=GOOD)
def test_what_the_secret_signed_is_accepted(scheme: str, fields: dict[str, str], secrets: list[str]) -> None:
    assert SCHEMES[scheme](delivery(fields, secrets=secrets))
    assert SCHEMES[scheme](delivery(fields, secrets=["the next one", *secrets]))


@pytest.mark.parametrize(("scheme", "fields", "secrets"), GOOD.values(), ids=GOOD)
def test_another_body_or_secret_is_rejected(scheme: str, fields: dict[str, str], secrets: list[str]) -> None:
    for wrong in (delivery(fields, BODY + b"!", secrets=secrets), delivery(fields, secrets=["guess"])):
        with pytest.raises(Rejected, match="signature is wrong"):
            SCHEMES[scheme](wrong)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_delivery_without_signature_is_rejected(scheme: str) -> None:
    with pytest.raises(Rejected, match="is missing"):
        SCHEMES[scheme](delivery({}))


@pytest.mark.parametrize(("scheme", "name"), [("github", "X-Hub-Signature-256"), ("generic", "X-Signature")])
@pytest.mark.parametrize("value", ["sha256=", "sha1=00", "\x00", "é", "sha256=" + "0" * 10_000])
def test_a_malformed_signature_is_rejected(scheme: str, name: str, value: str) -> None:
    with pytest.raises(Rejected):
        SCHEMES[scheme](delivery({name: value}))


@pytest.mark.parametrize("time", ["", "soon", "-1", "1e9", "9" * 30, str(NOW - 301), str(NOW + 301)])
def test_a_wrong_or_old_timestamp_is_rejected(time: str) -> None:
    signed = {"X-Timestamp": time, "X-Signature": signature(f"{time}.".encode() + BODY)}
    slack = {"X-Slack-Request-Timestamp": time, "X-Slack-Signature": "v0=" + signature(b"v0:" + BODY)}
    stripe = {"Stripe-Signature": f"t={time},v1={signature(f'{time}.'.encode() + BODY)}"}
    for scheme, fields in (("generic", signed), ("slack", slack), ("stripe", stripe)):
        with pytest.raises(Rejected):
            SCHEMES[scheme](delivery(fields))


def test_the_tolerance_can_be_wider() -> None:
    late = {"X-Timestamp": str(NOW - 500), "X-Signature": signature(f"{NOW - 500}.".encode() + BODY)}
    assert SCHEMES["generic"](delivery(late, tolerance=600.0))


def test_two_timestamps_are_one_too_many() -> None:
    fields = {"Stripe-Signature": f"t=1,{STRIPE['Stripe-Signature']}"}
    with pytest.raises(Rejected, match="no timestamp"):
        SCHEMES["stripe"](delivery(fields))


EVENT = b'{"id": "evt_1", "event_id": "Ev1"}'


def test_an_event_is_named_by_its_sender() -> None:
    stripe = {"Stripe-Signature": f"t={NOW},v1={signature(f'{NOW}.'.encode() + EVENT)}"}
    slack = {**SLACK, "X-Slack-Signature": "v0=" + signature(f"v0:{NOW}:".encode() + EVENT)}
    assert SCHEMES["stripe"](delivery(stripe, EVENT)) == "evt_1"
    assert SCHEMES["slack"](delivery(slack, EVENT)) == "Ev1"
    assert SCHEMES["generic"](delivery(STANDARD, secrets=[STANDARD_SECRET])) == "msg_1"


def test_a_delivery_that_is_repeated_under_another_name_is_the_same_event() -> None:
    first = SCHEMES["github"](delivery({**GITHUB, "X-GitHub-Delivery": "a"}))
    assert first == SCHEMES["github"](delivery({**GITHUB, "X-GitHub-Delivery": "b"}))
    assert first == hashlib.sha256(BODY).hexdigest()


@pytest.mark.parametrize("body", [b"", b"[" * 100_000, b"\xff", b'{"id": 7}', b"[1]", b'{"id": ""}'])
def test_a_body_of_any_kind_has_a_name(body: bytes) -> None:
    fields = {"X-Signature": signature(body)}
    assert SCHEMES["generic"](delivery(fields, body)) == hashlib.sha256(body).hexdigest()
