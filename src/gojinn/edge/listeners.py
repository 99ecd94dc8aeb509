"""Which addresses a configuration listens on, and which sites each of them serves. Opens no socket."""

from __future__ import annotations

from dataclasses import dataclass

from gojinn.config.model import Address, Config, Options, Site
from gojinn.errors import ConfigError


@dataclass(frozen=True, slots=True, order=True)
class ListenerKey:
    """What tells one listener from another; it survives a reload that still names it."""

    host: str
    """Address to bind, empty for all interfaces."""
    port: int
    tls: bool


@dataclass(frozen=True, slots=True)
class Served:
    """A site as far as one listener serves it."""

    site: Site
    addresses: tuple[Address, ...]


def listeners(config: Config) -> tuple[ListenerKey, ...]:
    """Lists the listeners of a configuration. Raises ConfigError for a port that would be plain and TLS."""
    return tuple(assign(config))


def assign(config: Config) -> dict[ListenerKey, list[Served]]:
    """Assigns sites to listeners, in the order of the Caddyfile."""
    found: dict[ListenerKey, list[Served]] = {}
    ends: dict[tuple[str, int], bool] = {}
    for site in config.sites:
        for key, addresses in site_listeners(site, config.options).items():
            if ends.setdefault((key.host, key.port), key.tls) != key.tls:
                raise ConfigError(
                    f"port {key.port} is wanted with TLS by one site and without it by another",
                    place=site.place,
                    hint="give the sites different ports, or all of them 'tls'",
                )
            found.setdefault(key, []).append(Served(site, tuple(addresses)))
    return found


def site_listeners(site: Site, options: Options) -> dict[ListenerKey, list[Address]]:
    """Groups a site's addresses by the listeners that they need."""
    found: dict[ListenerKey, list[Address]] = {}
    for address in site.addresses:
        port, tls = endpoint(site, address, options)
        for host in site.bind or options.default_bind or ("",):
            found.setdefault(ListenerKey(host, port, tls), []).append(address)
    return found


def endpoint(site: Site, address: Address, options: Options) -> tuple[int, bool]:
    """Tells the port of an address and whether it is encrypted: it is when the site has a certificate, unless
    the scheme is `http` or the port that of HTTP."""
    if address.scheme == "https" and site.tls is None:
        raise ConfigError(
            f"'https://{address.host}' has no certificate",
            place=site.place,
            hint="add 'tls <certificate file> <key file>' to the site",
        )
    tls = site.tls is not None and address.scheme != "http" and address.port != options.http_port
    if address.port is not None:
        return address.port, tls
    return options.https_port if tls else options.http_port, tls
