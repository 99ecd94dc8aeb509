"""Which of several upstreams gets a request. What becomes of it there is `proxy`'s business."""

from __future__ import annotations

import hmac
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import read_value
from gojinn.config.units import Secret, integer, parse_header_name
from gojinn.edge.cookies import cookie
from gojinn.edge.headers import every, field_text, field_value
from gojinn.edge.message import Request
from gojinn.edge.proxy.upstream import Upstream
from gojinn.edge.url import request_uri
from gojinn.edge.variables import authority

Choose = Callable[[Sequence[Upstream], Request], Upstream | None]
"""Chooses an upstream that is available; None when there is none."""

FORMS = {
    "random": "random",
    "random_choose": "random_choose <count>",
    "least_conn": "least_conn",
    "round_robin": "round_robin",
    "first": "first",
    "ip_hash": "ip_hash",
    "uri_hash": "uri_hash",
    "header": "header <field>",
    "cookie": "cookie [<name> [<secret>]]",
}
ARGUMENTS = {"random_choose": (1, 1), "header": (1, 1), "cookie": (0, 2)}
NO_SECRET = Secret("")
FNV_OFFSET, FNV_PRIME = 0x811C9DC5, 0x01000193


@dataclass(frozen=True, slots=True)
class Policy:
    """A policy as it is configured."""

    name: str = "random"
    """One of FORMS."""
    argument: str = ""
    """The count, the field's name or the cookie's."""
    secret: Secret = NO_SECRET
    """What makes a cookie's value unguessable."""


def read_policy(node: Node, scope: Scope) -> Policy:
    """Reads a policy with its arguments."""
    name = node.args[0].text if node.args else ""
    fewest, most = ARGUMENTS.get(name, (0, 0))
    given = node.args[1:]
    if name not in FORMS or not fewest <= len(given) <= most:
        raise node.wrong_args(FORMS.get(name) or "one of: " + ", ".join(FORMS))
    if name == "random_choose":
        read_value(given[0], integer(2), node.text)
    if name in ("header", "cookie") and given:
        read_value(given[0], parse_header_name, node.text)
    secret = Secret(given[1].text) if len(given) > 1 else NO_SECRET
    return Policy(name, given[0].text if given else "", secret)


def make_policy(policy: Policy) -> Choose:
    """Makes the function that chooses."""
    if policy.name == "random_choose":
        return choose_of_few(int(policy.argument))
    if policy.name == "round_robin":
        return choose_in_turn()
    if policy.name == "header":
        return choose_by_header(policy.argument)
    if policy.name == "cookie":
        return choose_by_cookie(policy.argument or "lb", policy.secret)
    return SIMPLE[policy.name]


def available(upstreams: Sequence[Upstream]) -> list[Upstream]:
    """Returns those that may be given a request."""
    return [upstream for upstream in upstreams if upstream.available]


def choose_any(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
    """Chooses at random."""
    found = available(upstreams)
    return random.choice(found) if found else None


def choose_first(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
    """Chooses the first that is available."""
    return next((upstream for upstream in upstreams if upstream.available), None)


def choose_least(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
    """Chooses one of those with the fewest requests."""
    found = available(upstreams)
    fewest = min((upstream.requests for upstream in found), default=0)
    return choose_any([upstream for upstream in found if upstream.requests == fewest], request)


def choose_of_few(count: int) -> Choose:
    """Chooses the one with the fewest requests out of a few random ones."""

    def choose(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
        found = available(upstreams)
        return choose_least(random.sample(found, min(count, len(found))), request)

    return choose


def choose_in_turn() -> Choose:
    """Chooses one after the other."""
    turn = 0

    def choose(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
        nonlocal turn
        for _ in upstreams:
            turn = (turn + 1) % len(upstreams)
            if upstreams[turn].available:
                return upstreams[turn]
        return None

    return choose


def choose_by_hash(upstreams: Sequence[Upstream], text: str) -> Upstream | None:
    """Chooses by highest random weight: most texts keep their upstream when another one comes or goes."""
    return max(available(upstreams), key=lambda upstream: fnv1a(text + upstream.dial), default=None)


def fnv1a(text: str) -> int:
    """Returns the 32 bit FNV-1a hash."""
    number = FNV_OFFSET
    for byte in text.encode("utf-8", "surrogateescape"):
        number = (number ^ byte) * FNV_PRIME & 0xFFFFFFFF
    return number


def choose_by_address(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
    """Chooses by the peer's address."""
    return choose_by_hash(upstreams, request.remote)


def choose_by_uri(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
    """Chooses by path and query."""
    return choose_by_hash(upstreams, request_uri(request))


def choose_by_header(name: str) -> Choose:
    """Chooses by a field of the request, at random without it."""
    key = name.lower().encode()

    def choose(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
        values = [authority(request)] if key == b"host" else map(field_text, every(request.raw_headers, key))
        value = next(iter(values), "")
        return choose_by_hash(upstreams, value) if value else choose_any(upstreams, request)

    return choose


def choose_by_cookie(name: str, secret: Secret) -> Choose:
    """Chooses the upstream that a cookie names; without one at random, and sets the cookie."""

    def choose(upstreams: Sequence[Upstream], request: Request) -> Upstream | None:
        given = cookie(request, name)
        for upstream in available(upstreams) if given else ():
            if hmac.compare_digest(signature(secret, upstream).encode(), given.encode("utf-8", "replace")):
                return upstream
        chosen = choose_any(upstreams, request)
        if chosen is not None:
            value = field_value(f"{name}={signature(secret, chosen)}; Path=/")
            request.answer.append((b"set-cookie", value))
        return chosen

    return choose


def signature(secret: Secret, upstream: Upstream) -> str:
    """Makes the cookie's value for an upstream."""
    return hmac.new(secret.reveal().encode(), upstream.dial.encode(), "sha256").hexdigest()


SIMPLE: dict[str, Choose] = {
    "random": choose_any,
    "least_conn": choose_least,
    "first": choose_first,
    "ip_hash": choose_by_address,
    "uri_hash": choose_by_uri,
}
