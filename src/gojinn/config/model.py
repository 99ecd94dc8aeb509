"""The whole typed configuration as inert, picklable data. Reading it is `adapt`'s, serving it the edge's."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

from gojinn.config.fields import flag, inline, line, nested, option, path, within, words
from gojinn.config.node import External, NodeOptions
from gojinn.config.settings import Order, parse_admin, parse_level, read_order, read_output, read_proxies
from gojinn.config.tls import Tls as Tls
from gojinn.config.tls import read_tls
from gojinn.config.units import choice, integer, parse_duration, parse_host, parse_port
from gojinn.config.walk import Parts, parts
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
class Log:
    """log {
        output stdout|stderr|discard|file <path>
        format json|console
        level  DEBUG|INFO|WARN|ERROR
    }

    In a site: writes an access log. In the global options: how the server's own log is written.
    """

    output: str = line(read_output, "stdout|stderr|discard|file <path>", default="stderr")
    """`stdout`, `stderr`, `discard` or a file's absolute path."""
    format: str = option(choice("json", "console"), "json|console", default="json")
    """`json` or `console`."""
    level: str = option(parse_level, "DEBUG|INFO|WARN|ERROR", default="INFO")
    """Records below it are left out."""


@dataclass(frozen=True, slots=True)
class Site:
    """<address>… {
        <directives...>
    }

    A site: where it answers, and its routes, already in the order that they are evaluated in.
    """

    addresses: tuple[Address, ...]
    routes: tuple[Route, ...] = ()
    bind: tuple[str, ...] = words(parse_host, "<address>…")
    """Addresses to listen on; empty means those of `default_bind`."""
    tls: Tls | None = line(read_tls, "<certificate> <key>", default=None)
    """PEM files with the certificate chain and its private key; serves the site over HTTPS."""
    logs: tuple[Log, ...] = nested(Log, repeat=True, name="log")
    """Access logs; without any, none is written."""
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Options:
    """{
        <option> …
    }

    The global options: a block without an address, before all sites.
    """

    admin: str = option(parse_admin, "off|<address>", default="127.0.0.1:2019")
    """Address of the admin listener, or `off`. Without a host it is the loopback address: who reaches this
    listener controls the server."""
    http_port: int = option(parse_port, "<port>", default=80)
    """Port of `http://` sites that name none."""
    https_port: int = option(parse_port, "<port>", default=443)
    """Port of `https://` sites that name none, and of sites with `tls`."""
    default_bind: tuple[str, ...] = words(parse_host, "<address>…")
    """Addresses that sites without `bind` listen on; empty means all interfaces."""
    grace_period: float = option(parse_duration, "<duration>", unit="seconds", default=10.0)
    """Time that requests in flight get at stop or reload before they are cancelled."""
    trusted_proxies: tuple[str, ...] = within(
        "servers", line(read_proxies, "static <range>…|private_ranges", default=())
    )
    """Address ranges whose forwarding headers are believed; `private_ranges` stands for all private ones."""
    log: Log = nested(Log)
    """How the server's own log is written."""
    debug: bool = flag()
    """Whether the server's own log is at level `DEBUG`."""
    order: tuple[Order, ...] = line(read_order, "<directive> first|last|before|after [<other>]", repeat=True)
    """Changes of the order in which directives are evaluated; applied one after the other."""
    auto_https: str = option(
        choice("off", "disable_redirects", "ignore_loaded_certs", "disable_certs"),
        "off|disable_redirects|…",
        default="off",
    )
    """Accepted for files that Caddy also reads, without effect: certificates always come from files."""
    node: NodeOptions = within("gojinn", inline(NodeOptions))
    """What holds for the whole node."""
    nats: External | None = within("gojinn", nested(External, default=None))
    """A NATS of your own instead of the embedded one."""
    cache_dir: str = within("gojinn", path("<folder>", default=""))
    """Where compiled modules live; empty means the user's cache directory."""
    max_sandboxes: int = within("gojinn", option(integer(0, 1_000_000), "<n>", default=0))
    """Sandboxes that one worker may hold at once; 0 means as many as the kernel's map limit allows, at most
    10,000."""
    engine: str = within("gojinn", option(choice("auto", "core", "pure"), "auto|core|pure", default="auto"))
    """What runs guests: the native library (`core`), its slower stand-in in Python (`pure`), or the
    native one where it was built (`auto`)."""
    triggers: tuple[Route, ...] = ()
    """The triggers, such as `queue`, that stand in the block `gojinn` and not in a site."""


@dataclass(frozen=True)
class Config:
    """A validated configuration: what a generation is built from."""

    options: Options = field(default_factory=Options)
    sites: tuple[Site, ...] = ()
    files: tuple[str, ...] = ()
    """Every file that was read to make it."""

    @cached_property
    def parts(self) -> Parts:
        """All its parts by their type, for `walk.find`."""
        return parts(self)

    def __getstate__(self) -> dict[str, Any]:
        """Leaves out what can be gathered again."""
        return {each.name: getattr(self, each.name) for each in fields(self)}
