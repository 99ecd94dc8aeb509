"""The `tls` directive of a site: certificates from files. Reading these files is the edge's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gojinn.caddyfile.tree import Node

if TYPE_CHECKING:
    from gojinn.config.directive import Scope


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificate files of a site."""

    certificate: str
    """PEM file with the chain."""
    key: str
    """PEM file with the private key."""


def read_tls(node: Node, scope: Scope) -> Tls:
    """Reads `tls <certificate> <key>`; explains what Caddy accepts besides."""
    if len(node.args) == 2:
        return Tls(scope.file(node.args[0]), scope.file(node.args[1]))
    if len(node.args) == 1:
        message = f"'tls {node.args[0].text}' needs automatic certificates, which Gojinn does not have"
        hint = "name a certificate and its key: 'tls <certificate> <key>'"
        raise node.args[0].error(message, hint=hint)
    raise node.wrong_args("<certificate> <key>")
