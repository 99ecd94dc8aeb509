"""Whether a webhook's request comes from who knows the secret, and which event it is. Queues and serves none.

A scheme reads the fields that its senders write and returns what identifies the event, so that a repeated
delivery can be told from a new one. Comparisons take a time that tells nothing about the secret.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

TOLERANCE = 300.0
"""Seconds that a signed timestamp may be off, either way: what Stripe, Slack and Standard Webhooks advise."""
STANDARD_PREFIX = "whsec_"
"""What a secret of Standard Webhooks begins with; base64 follows."""

Header = Callable[[bytes], bytes | None]
"""`header(b"x-name")` returns the value of a request's field, by its name in lower case."""


class Rejected(Exception):
    """A delivery cannot be trusted. The text says why, without anything of the secret or the signature."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request of a sender."""

    header: Header
    body: bytes
    secrets: Sequence[str]
    """Any of them may have signed it, so that a secret can be changed without losing deliveries."""
    now: float
    """Seconds since 1970."""
    tolerance: float = TOLERANCE

    def field(self, name: str) -> str:
        """Returns a field that must be there. Raises Rejected."""
        value = self.header(name.lower().encode())
        if not value:
            raise Rejected(f"the field '{name}' is missing")
        return value.decode("latin-1")

    def check_time(self, text: str) -> None:
        """Raises Rejected for a signed timestamp outside of the tolerance."""
        if not text.isdecimal() or len(text) > 12:
            raise Rejected("the timestamp is not a number of seconds")
        if abs(self.now - int(text)) > self.tolerance:
            raise Rejected(f"the timestamp is more than {self.tolerance:g} s off")

    def check(self, signed: bytes, given: Iterable[str], write: Callable[[bytes], str] = bytes.hex) -> None:
        """Raises Rejected unless one of the given signatures is that of a secret."""
        wanted = [write(hmac.digest(key_of(secret), signed, hashlib.sha256)) for secret in self.secrets]
        pairs = [(want.encode(), got.encode()) for want in wanted for got in given]
        if not any(hmac.compare_digest(*pair) for pair in pairs):
            raise Rejected("the signature is wrong")

    def named(self, *keys: str) -> str:
        """Finds what identifies the event: a text in its JSON body, else a digest of the body."""
        try:
            event = json.loads(self.body)
        except (ValueError, RecursionError):
            event = None
        if isinstance(event, dict):
            for key in keys:
                if isinstance(event.get(key), str) and event[key]:
                    return str(event[key])
        return hashlib.sha256(self.body).hexdigest()


def key_of(secret: str) -> bytes:
    """Returns the bytes of a secret; those of Standard Webhooks are written in base64."""
    if secret.startswith(STANDARD_PREFIX):
        try:
            return b64decode(secret.removeprefix(STANDARD_PREFIX), validate=True)
        except NotBase64:
            pass
    return secret.encode()


def github(delivery: Delivery) -> str:
    """Checks `X-Hub-Signature-256: sha256=<hex>`, as GitHub, Gitea and others sign.

    Nothing but the body is signed, so the body is what identifies the event: by `X-GitHub-Delivery` whoever
    saw a delivery could send it again as a new one.
    """
    given = delivery.field("X-Hub-Signature-256")
    delivery.check(delivery.body, [given.removeprefix("sha256=")])
    return delivery.named()


def stripe(delivery: Delivery) -> str:
    """Checks `Stripe-Signature: t=<seconds>,v1=<hex>…` over `<seconds>.<body>`."""
    parts = [part.strip().partition("=") for part in delivery.field("Stripe-Signature").split(",")]
    times = [value for name, _, value in parts if name == "t"]
    if len(times) != 1:
        raise Rejected("the field 'Stripe-Signature' has no timestamp 't='")
    delivery.check_time(times[0])
    signed = times[0].encode() + b"." + delivery.body
    delivery.check(signed, [value for name, _, value in parts if name == "v1"])
    return delivery.named("id")


def slack(delivery: Delivery) -> str:
    """Checks `X-Slack-Signature: v0=<hex>` over `v0:<X-Slack-Request-Timestamp>:<body>`."""
    time = delivery.field("X-Slack-Request-Timestamp")
    delivery.check_time(time)
    given = delivery.field("X-Slack-Signature")
    delivery.check(b"v0:" + time.encode() + b":" + delivery.body, [given.removeprefix("v0=")])
    return delivery.named("event_id")


def generic(delivery: Delivery) -> str:
    """Checks Standard Webhooks (`webhook-signature`, …) where it is sent, else `X-Signature: [sha256=]<hex>`
    over the body, or over `<X-Timestamp>.<body>` where that field is there too."""
    if delivery.header(b"webhook-signature"):
        return standard(delivery)
    given = [delivery.field("X-Signature").removeprefix("sha256=").lower()]
    time = delivery.header(b"x-timestamp")
    if time is None:
        delivery.check(delivery.body, given)
    else:
        delivery.check_time(time.decode("latin-1"))
        delivery.check(time + b"." + delivery.body, given)
    return delivery.named("id")


def standard(delivery: Delivery) -> str:
    """Checks a delivery as the Standard Webhooks specification says."""
    named, time = delivery.field("webhook-id"), delivery.field("webhook-timestamp")
    delivery.check_time(time)
    signed = f"{named}.{time}.".encode("latin-1") + delivery.body
    versions = [each.partition(",") for each in delivery.field("webhook-signature").split(" ")]
    given = [value for version, _, value in versions if version == "v1"]
    delivery.check(signed, given, lambda digest: b64encode(digest).decode())
    return named


SCHEMES: Mapping[str, Callable[[Delivery], str]] = {
    "github": github,
    "stripe": stripe,
    "slack": slack,
    "generic": generic,
}
"""By the name in the Caddyfile: checks a delivery and returns what identifies its event. Raises Rejected."""
