"""The client's address as trusted proxies report it. Nobody else's word counts."""

from __future__ import annotations

from collections.abc import Iterable

from gojinn.edge.addresses import Addresses, parse
from gojinn.edge.message import Request


class Proxies:
    """The proxies whose X-Forwarded-For is believed."""

    def __init__(self, ranges: Iterable[str]) -> None:
        self._trusted = Addresses(ranges)

    def apply(self, request: Request) -> None:
        """Notes in a request whether its peer is trusted, and its client's address."""
        if request.remote not in self._trusted:
            return
        request.trusted = True
        values = [value for name, value in request.raw_headers if name == b"x-forwarded-for"]
        if values:
            request.client_ip = self._client(b",".join(values).decode("latin-1"), request.remote)

    def _client(self, forwarded: str, peer: str) -> str:
        """Goes through the list from the nearest proxy on and returns the first address that is not a trusted
        proxy's; where the list is garbage or ends, the last good one."""
        client = peer
        for entry in reversed(forwarded.split(",")):
            address = parse(without_port(entry.strip()))
            if address is None:
                break
            client = str(address)
            if client not in self._trusted:
                break
        return client


def without_port(entry: str) -> str:
    """Strips the port that some proxies append."""
    if entry.startswith("["):
        return entry[1:].partition("]")[0]
    return entry.partition(":")[0] if entry.count(":") == 1 else entry
