"""How a folder of files is given in a Caddyfile. What is in it is `lookup`'s and `selection`'s business."""

from __future__ import annotations

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Scope

SITE_ROOT = "{http.vars.root}"
"""What the `root` directive set."""


def read_root(node: Node, scope: Scope) -> str:
    """Reads a folder and makes it absolute; one that starts with a placeholder is left to the request."""
    path = node.one("<path>")
    return path.text if path.text.startswith("{") else scope.path(path)
