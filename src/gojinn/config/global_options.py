"""Reads the block of global options. What they are is `model`'s."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Sequence
from typing import Any

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope
from gojinn.config.fields import made, options, read_lines
from gojinn.config.model import Options
from gojinn.config.node import refuse_useless

AUTOMATIC = frozenset(
    {
        *("email", "acme_ca", "acme_ca_root", "acme_dns", "acme_eab", "cert_issuer", "cert_lifetime"),
        *("default_sni", "key_type", "local_certs", "ocsp_interval", "ocsp_stapling", "on_demand_tls", "pki"),
        *("preferred_chains", "renew_interval", "skip_install_trust", "storage", "storage_clean_interval"),
    }
)
"""Options of Caddy for the certificates that it gets and keeps by itself."""


BLOCK = "gojinn"
"""The global option that triggers may stand in."""


def read_options(nodes: Sequence[Node], scope: Scope, triggers: Collection[str] = ()) -> Options:
    """Adapts the global options; `triggers` are the directives that may stand in the block `gojinn`."""
    inside = [child for node in nodes if node.text == BLOCK for child in node.block or ()]
    moved = [child for child in inside if child.text in triggers]
    nodes = [without(node, triggers) for node in nodes]
    known = options(Options)
    for node in nodes:
        if node.text in AUTOMATIC:
            message = f"'{node.text}' is for automatic certificates, which Gojinn does not have"
            raise node.error(
                message, hint="remove it, and give each site its files: 'tls <certificate> <key>'"
            )
        if node.text not in known:
            raise node.unknown("", known, kind="global option")
    values: dict[str, Any] = {}
    read_lines(nodes, "global options", known, scope, values)
    refuse_useless(nodes)
    values["default_bind"] = tuple(dict.fromkeys(values.get("default_bind", ())))
    values["triggers"] = scope.routes(moved, ordered=False)
    read = made(Options, values)
    if read.http_port == read.https_port != 0:
        node = next(node for node in reversed(nodes) if node.text in ("http_port", "https_port"))
        raise node.error(f"HTTP and HTTPS have the same port, {read.http_port}", hint="choose another one")
    return read


def without(node: Node, triggers: Collection[str]) -> Node:
    """Takes the triggers out of the block `gojinn`."""
    if node.text != BLOCK or not node.block:
        return node
    return dataclasses.replace(node, block=tuple(each for each in node.block if each.text not in triggers))
