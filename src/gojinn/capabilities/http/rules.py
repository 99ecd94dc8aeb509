"""What `allow_host` lets a function ask. Names and addresses are told apart in `hosts`; nothing is resolved.

A name that is allowed may still not lead to an address that is not public: whoever has the name's records
would decide what of the inside is reached. The addresses of this machine count as not public either.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from gojinn.capabilities.http.addresses import Address, Network, is_own, is_public, plain
from gojinn.capabilities.http.hosts import BadHost, parse_host, shown
from gojinn.config.units import BadValue

EVERY = "*"
LOCALHOST = "localhost"
LOOPBACK = (ip_network("127.0.0.0/8"), ip_network("::1/128"))
FORMS = "a host such as 'api.example.com', '*.example.com:443', '10.0.0.5', '[::1]:8080', '10.0.0.0/8' or '*'"
PORT = re.compile(r"(?P<host>\[[^]]*\]|[^:]*):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Rule:
    """One `allow_host`."""

    name: str = ""
    """A name; with `*.` in front any below it, `*` alone is any. Empty for addresses."""
    networks: tuple[Network, ...] = ()
    """Addresses that it lets through whether they are public or not."""
    port: int | None = None
    """The only port; None for any."""

    def names(self, name: str, port: int) -> bool:
        """Whether it is for a name and port."""
        if self.port not in (None, port):
            return False
        if self.name.startswith("*."):
            return name.endswith(self.name[1:])
        return self.name in (name, EVERY)

    def covers(self, address: Address, port: int) -> bool:
        """Whether it is for an address and port."""
        if self.port not in (None, port):
            return False
        return any(address in network for network in self.networks)


def parse_rule(text: str) -> Rule:
    """Reads one of FORMS. Raises BadValue."""
    host, port = text, None
    with_port = PORT.fullmatch(text)
    if with_port is not None:
        host, port = with_port["host"], int(with_port["port"])
        if not 1 <= port <= 65535:
            raise BadValue(text, "a port from 1 to 65535")
    if host == EVERY:
        return Rule(EVERY, port=port)
    if parse_address(host.partition("/")[0]) and "/" in host:
        return Rule(networks=(parse_network(text, host),), port=port)
    below = host.startswith("*.")
    try:
        found = parse_address(host) or parse_host(host[2:] if below else host)
    except BadHost as error:
        raise BadValue(text, FORMS) from error
    if not isinstance(found, str):
        if below:
            raise BadValue(text, FORMS)
        return Rule(networks=(ip_network(found),), port=port)
    if found == LOCALHOST and not below:
        return Rule(LOCALHOST, LOOPBACK, port)
    return Rule("*." + found if below else found, port=port)


def parse_address(text: str) -> Address | None:
    """Reads an address of IPv6 without brackets, too; None for what is none."""
    try:
        return plain(ip_address(text)) if "%" not in text else None
    except ValueError:
        return None


def parse_network(text: str, host: str) -> Network:
    """Reads a network. Raises BadValue."""
    try:
        return ip_network(host)
    except ValueError as error:
        raise BadValue(text, "a network such as '10.0.0.0/8' or 'fd00::/8'") from error


class Policy:
    """Whom one function, or several with the same lines, may ask."""

    __slots__ = ("own", "private", "rules")

    def __init__(self, rules: Iterable[Rule], own: Callable[[Address], bool] = is_own) -> None:
        self.rules = tuple(rules)
        self.own = own
        """Whether an address is this machine's."""
        self.private = frozenset((network, rule.port) for rule in self.rules for network in rule.networks)
        """What it reaches besides public addresses: policies that have the same may share connections."""

    def names(self, name: str, port: int) -> bool:
        """Whether a name may be asked for."""
        return any(rule.names(name, port) for rule in self.rules)

    def asks(self, address: Address, port: int) -> bool:
        """Whether an address may be asked for that stands in the place of a name."""
        everything = any(rule.name == EVERY and rule.port in (None, port) for rule in self.rules)
        return self.listed(address, port) or (everything and self.public(address))

    def admits(self, address: Address, port: int) -> bool:
        """Whether a name that may be asked for may lead to an address."""
        return self.public(address) or self.listed(address, port)

    def listed(self, address: Address, port: int) -> bool:
        """Whether a line is about an address."""
        return any(rule.covers(plain(address), port) for rule in self.rules)

    def public(self, address: Address) -> bool:
        """Whether an address is public, and not of this machine."""
        return is_public(address) and not self.own(address)


def line_for(host: str | Address, port: int, usual: int) -> str:
    """Writes the line that would allow a host; `usual` is the port that needs no mention."""
    return f"allow_host {shown(host)}" + ("" if port == usual else f":{port}")
