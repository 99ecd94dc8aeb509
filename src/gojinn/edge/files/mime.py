"""Content types by file extension, as Go's mime package finds them. No content is looked at."""

from __future__ import annotations

import mimetypes
import os
from collections.abc import Iterable, Iterator
from functools import cache

BUILTIN = {
    ".avif": "image/avif",
    ".css": "text/css",
    ".gif": "image/gif",
    ".htm": "text/html",
    ".html": "text/html",
    ".jpeg": "image/jpeg",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".json": "application/json",
    ".mjs": "text/javascript",
    ".pdf": "application/pdf",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webp": "image/webp",
    ".xml": "text/xml",
}
"""Known on every machine; a database of the machine adds to it."""
GLOBS = ("/usr/local/share/mime/globs2", "/usr/share/mime/globs2")
"""Databases of shared-mime-info; the first that exists is the only one read."""
TYPE_FILES = (
    "/etc/mime.types",
    "/etc/apache2/mime.types",
    "/etc/apache/mime.types",
    "/etc/httpd/conf/mime.types",
)
"""Read where there is no such database."""


@cache
def known_types() -> dict[str, str]:
    """Reads this machine's databases, once; extensions with their dot, also in lower case."""
    found = next((pairs for pairs in map(read_globs, GLOBS) if pairs), None)
    if found is None:
        found = [pair for path in TYPE_FILES for pair in read_types(path)]
    types = dict(mimetypes.types_map) if not found else {}
    for extension, kind in (*reversed(found), *BUILTIN.items()):
        types[extension] = with_charset(kind)
    return {extension.lower(): kind for extension, kind in types.items()} | types


def content_type(path: str) -> str:
    """Returns the content type of a file by its name; empty when nothing knows it."""
    name = path.rpartition("/")[2]
    dot = name.rfind(".")
    if dot < 0:
        return ""
    types, extension = known_types(), name[dot:]
    return types.get(extension) or types.get(extension.lower(), "")


def with_charset(kind: str) -> str:
    """Adds the charset that a text type lacks."""
    return f"{kind}; charset=utf-8" if kind.startswith("text/") and "charset" not in kind else kind


def lines(path: str) -> Iterator[str]:
    """Reads a file's lines; none when it cannot be read."""
    if os.path.isfile(path) and os.access(path, os.R_OK):
        with open(path, encoding="utf-8", errors="replace") as file:
            yield from file


def read_globs(path: str) -> list[tuple[str, str]]:
    """Reads `weight:type:*.extension` lines, the heaviest first."""
    pairs = []
    for line in lines(path):
        fields = line.rstrip("\n").split(":")
        if len(fields) < 3 or fields[0].startswith("#") or not fields[2].startswith("*."):
            continue
        extension = fields[2][1:]
        if len(extension) > 1 and not set(extension) & set("?*["):
            pairs.append((extension, fields[1]))
    return pairs


def read_types(path: str) -> Iterable[tuple[str, str]]:
    """Reads `type extension…` lines; of two lines for one extension the later counts."""
    pairs = []
    for line in lines(path):
        fields = line.partition("#")[0].split()
        pairs += [(f".{extension}", fields[0]) for extension in fields[1:]]
    return reversed(pairs)
