"""Reads a site: its addresses, what it says of itself (`bind`, `tls`, `log`), and its routes."""

from __future__ import annotations

from typing import Any

from gojinn.caddyfile.tree import ServerBlock
from gojinn.config.addresses import read_address
from gojinn.config.fields import options, read_lines
from gojinn.config.model import Site
from gojinn.config.scope import RouteScope


def read_site(block: ServerBlock, scope: RouteScope) -> Site:
    """Adapts one top-level block."""
    addresses = tuple([read_address(key) for key in block.keys])
    known = options(Site)
    values: dict[str, Any] = {}
    read_lines([node for node in block.nodes if node.text in known], "", known, scope, values)
    values["bind"] = tuple(dict.fromkeys(values.get("bind", ())))
    routes = scope.routes([node for node in block.nodes if node.text not in known], ordered=True)
    return Site(addresses, routes, place=block.keys[0].place, **values)
