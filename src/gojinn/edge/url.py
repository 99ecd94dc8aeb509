"""Paths and queries as Caddy (Go's net/url and path packages) escapes, cleans and joins them. Opens no file.

Text is UTF-8 with surrogateescape, so that any byte survives a round trip.
"""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, unquote

if TYPE_CHECKING:
    from gojinn.edge.message import Request

PATH_SAFE = "/-_.~$&+,:;=@"
"""What stays as it is when a path is escaped afresh."""
PATH_VALID = re.compile(r"[A-Za-z0-9/_.~$&+,:;=@!'()*\[\]%-]*")
"""What a client may leave unescaped in a path."""
BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
REPEATED = re.compile(r"(?<=/)(?=/)")
MARK = "\ud800"
"""A lone surrogate that no request can hold: keeps empty segments apart while a path is cleaned."""


def unescape(text: str) -> str | None:
    """Decodes %xx; None when an escape is broken."""
    if "%" not in text:
        return text
    return None if BROKEN_ESCAPE.search(text) else unquote(text, errors="surrogateescape")


def escape_path(path: str) -> str:
    """Escapes a path, slashes kept."""
    return quote(path, safe=PATH_SAFE, errors="surrogateescape")


def escape_query(text: str) -> str:
    """Escapes one name or value of a query."""
    return quote_plus(text, safe="", errors="surrogateescape")


def escaped_path(request: Request) -> str:
    """Returns the escaped form of a request's path: the received one as long as it still means the same."""
    raw = request.raw_path
    if raw and PATH_VALID.fullmatch(raw) and unescape(raw) == request.path:
        return raw
    return request.path if request.path == "*" else escape_path(request.path)


def request_uri(request: Request) -> str:
    """Returns path and query as they go on a request line."""
    path = escaped_path(request) or "/"
    if request.query or request.original_target.endswith("?"):
        return f"{path}?{request.query}"
    return path


def clean(path: str) -> str:
    """Resolves `.`, `..` and repeated slashes as Go's path.Clean; an empty path becomes `.`."""
    cleaned = posixpath.normpath(path)
    return cleaned[1:] if cleaned.startswith("//") else cleaned


def clean_path(path: str, *, merge_slashes: bool = True) -> str:
    """Cleans a URL path but keeps a trailing slash, and repeated ones unless they are to be merged."""
    if not merge_slashes:
        return clean_path(REPEATED.sub(MARK, path)).replace(MARK, "")
    cleaned = clean(path)
    return cleaned + "/" if cleaned != "/" and path.endswith("/") else cleaned


def join_root(root: str, path: str) -> str:
    """Joins a URL path to a folder such that the result never leaves it; a trailing slash is kept."""
    below = clean("/" + path)
    joined = clean(f"{root or '.'}/{below}")
    return joined + "/" if path.endswith("/") and len(path) > 1 else joined
