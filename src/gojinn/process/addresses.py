"""The URLs that sites answer at, with the ports that were really bound. Binding them is `sockets`'."""

from __future__ import annotations

from collections.abc import Iterator

from gojinn.config.model import Address, Config, Site
from gojinn.edge.listeners import site_listeners
from gojinn.edge.site import site_name
from gojinn.process.sockets import Sockets, show

EVERYWHERE = ("", "0.0.0.0", "::")
"""Hosts that mean all interfaces."""
USUAL_PORTS = {"http": 80, "https": 443}


def site_urls(config: Config, sockets: Sockets) -> dict[str, list[str]]:
    """Lists for each site, by its name, the URLs that it answers at."""
    found: dict[str, list[str]] = {}
    for site in config.sites:
        found.setdefault(site_name(site), []).extend(urls_of(site, config, sockets))
    return found


def urls_of(site: Site, config: Config, sockets: Sockets) -> Iterator[str]:
    """Yields the URLs of a site."""
    for key, addresses in site_listeners(site, config.options).items():
        listening = sockets.open.get(key)
        if listening is not None:
            port = listening.address[1]
            for address in addresses:
                yield url("https" if key.tls else "http", host_of(address, key.host), port, address.path)


def host_of(address: Address, bound: str) -> str:
    """Chooses the host that reaches a site: its name, the address that it is bound to, or this machine."""
    if address.host:
        return address.host
    return "localhost" if bound in EVERYWHERE else bound


def url(scheme: str, host: str, port: int, path: str) -> str:
    """Writes a URL, with the port unless it is the usual one."""
    shown = show(host, port)
    if port == USUAL_PORTS[scheme]:
        shown = shown.removesuffix(f":{port}")
    return f"{scheme}://{shown}{path.rstrip('*')}".rstrip("/")
