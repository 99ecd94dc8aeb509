"""Addresses of upstreams as Caddyfiles write them. Connecting to them is `connection`'s business."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, replace

from gojinn.config.units import BadValue

FORM = "an address such as 'localhost:9000', 'https://example.com' or 'unix//run/app.sock'"
PORTS = {"http": "80", "https": "443"}
HOST_PORT = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.%\w]+)\]|(?P<host>[^\s:/\[\]]*))(?::(?P<port>[0-9]{1,5}))?")
CONTROL = re.compile(r"[\x00-\x20\x7f]")


@dataclass(frozen=True, slots=True)
class Address:
    """Where an upstream listens."""

    network: str
    """`tcp` or `unix`."""
    host: str
    """Host name, IP address without brackets, or the socket's path."""
    port: str = ""
    """Empty for a socket's path."""

    def __str__(self) -> str:
        return f"unix/{self.host}" if self.network == "unix" else self.hostport

    @property
    def hostport(self) -> str:
        """Host and port in one, or the socket's path."""
        if self.network == "unix":
            return self.host
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """An upstream as it is configured."""

    dial: str
    """Its address in full, or with placeholders that tell it for each request."""
    scheme: str = ""
    """`http` or `https` when that is written, else empty."""

    @property
    def dynamic(self) -> bool:
        """Whether each request may mean another address."""
        return "{" in self.dial

    def within(self, folder: str) -> Target:
        """Makes the path of a Unix socket absolute."""
        path = self.dial.removeprefix("unix/")
        if path == self.dial or self.dynamic or os.path.isabs(path):
            return self
        return replace(self, dial=f"unix/{os.path.join(folder, path)}")


def parse_target(text: str) -> Target:
    """Reads an upstream. Raises BadValue."""
    scheme, mark, rest = text.partition("://")
    if mark:
        return parse_url(text, scheme.lower(), rest)
    if "{" in text:
        return Target(text)
    return Target(str(parse_address(text)))


def parse_url(text: str, scheme: str, rest: str) -> Target:
    """Reads an upstream with a scheme; the port follows from it."""
    if scheme not in PORTS:
        raise BadValue(text, "a scheme of 'http://' or 'https://'")
    if "{" in rest:
        raise BadValue(text, "an address without placeholders behind a scheme")
    if "/" in rest or "?" in rest or "#" in rest:
        raise BadValue(text, "a scheme, a host and a port only")
    address = parse_address(rest, PORTS[scheme])
    if address.port == PORTS["http" if scheme == "https" else "https"]:
        raise BadValue(text, f"a port that goes with '{scheme}://'")
    return Target(str(address), scheme)


def parse_address(text: str, port: str = "80") -> Address:
    """Reads `host[:port]`, `tcp/host:port` or `unix/<path>`. Raises BadValue."""
    network, slash, rest = text.partition("/")
    if slash and network.lower() == "unix" and rest and not CONTROL.search(rest):
        return Address("unix", rest)
    found = HOST_PORT.fullmatch(rest if slash and network.lower() in ("tcp", "tcp4", "tcp6") else text)
    host = (found["six"] or found["host"]) if found else ""
    if not found or (not host and not found["port"]) or not 0 < int(found["port"] or port) < 65536:
        raise BadValue(text, FORM)
    return Address("tcp", host or "localhost", found["port"] or port)
