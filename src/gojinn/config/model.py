"""The whole typed configuration as inert, picklable data. Reading it is `adapt`'s, serving it the edge's."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from gojinn.errors import Place


@dataclass(frozen=True, slots=True)
class Match:
    """One matcher with its config, such as `path` with its patterns."""

    name: str
    config: Any
    """The matcher's frozen dataclass."""


@dataclass(frozen=True, slots=True)
class Route:
    """One directive in a list of routes, with the matchers that guard it (all of them must hold)."""

    directive: str
    config: Any
    """The directive's frozen dataclass."""
    matchers: tuple[Match, ...] = ()
    group: str = ""
    """Of the routes in a list with the same group only the first that matches is used; empty in `route`."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A site address as written, split into its parts. Empty host means any, port None the scheme's."""

    scheme: str = ""
    """`http`, `https` or empty when not written."""
    host: str = ""
    """Lower case, may hold `*` labels."""
    port: int | None = None
    path: str = ""


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate files of a site."""

    certificate: str
    """PEM file with the chain."""
    key: str
    """PEM file with the private key."""


@dataclass(frozen=True, slots=True)
class Log:
    """One access log of a site."""

    output: str = "stderr"
    """`stdout`, `stderr`, `discard` or a file's path."""
    format: str = "json"
    """`json` or `console`."""
    level: str = "INFO"


@dataclass(frozen=True, slots=True)
class Site:
    """One server block: where it answers and the routes it serves, already in execution order."""

    addresses: tuple[Address, ...]
    routes: tuple[Route, ...] = ()
    bind: tuple[str, ...] = ()
    """Host addresses to listen on; empty means all interfaces."""
    tls: Tls | None = None
    logs: tuple[Log, ...] = ()
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """The global options block."""

    admin: str = "127.0.0.1:2019"
    """Host and port of the admin listener, or `off`."""
    http_port: int = 80
    https_port: int = 443
    default_bind: tuple[str, ...] = ()
    grace_period: float = 10.0
    """Seconds that requests in flight get at stop or reload before they are cancelled."""
    trusted_proxies: tuple[str, ...] = ()
    """CIDR ranges whose forwarding headers are believed."""
    log: Log = field(default_factory=Log)
    debug: bool = False
    data_dir: str = ""
    """Where state lives; empty means the user's data directory."""
    cache_dir: str = ""
    """Where compiled modules live; empty means the user's cache directory."""
    max_sandboxes: int = 0
    """Sandboxes that one worker may hold at once; 0 means as many as the kernel's map limit allows (10,000 at
    most)."""


@dataclass(frozen=True, slots=True)
class Config:
    """A validated configuration: what a generation is built from."""

    options: Options = field(default_factory=Options)
    sites: tuple[Site, ...] = ()
    files: tuple[str, ...] = ()
    """Every file that was read to make it."""
