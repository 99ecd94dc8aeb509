"""Whom a function may ask by HTTP, as its options. What the lines mean is `rules`'."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.capabilities.http.rules import parse_rule
from gojinn.config.fields import words
from gojinn.config.units import BadValue


def parse_allowed(text: str) -> str:
    """Reads what may stand behind `allow_host`."""
    if "{env." not in text:
        parse_rule(text)
    return text


@dataclass(frozen=True, slots=True)
class HttpConfig:
    """The options of one function."""

    allow_host: tuple[str, ...] = words(parse_allowed, "<host>…")
    """Hosts that the function may send HTTP requests to: a name (`api.example.com`), all names below one
    (`*.example.com`), an address (`10.0.0.5`, `[::1]`), a network (`10.0.0.0/8`) or `*` for all that is
    public; behind a host a port may stand, `host:8080`, and is then the only one. Names must lead to public
    addresses, or to ones that have a line themselves; `localhost` has loopback with it. None unless given."""

    def fault(self) -> str | None:
        """What is wrong with these options, once the environment is filled in."""
        for text in self.allow_host:
            try:
                parse_rule(text)
            except BadValue as error:
                return f"has an 'allow_host' that is wrong: {error}"
        return None
