"""Changes of a request's method, path and query, as `rewrite`, `uri`, `try_files` and others share them."""

from __future__ import annotations

import re
from collections.abc import Callable

from gojinn.edge.message import Request
from gojinn.edge.placeholders import Part, Template
from gojinn.edge.regexp import replace_all
from gojinn.edge.url import clean_path, escape_query, escaped_path, unescape

WHOLE_URI = "http.request.uri"
WHOLE_QUERY = "http.request.uri.query"
SPLIT = re.compile(r"([=&])")


class Rewrite:
    """A new path, a new query or both, as `rewrite` takes them; what is not named stays.

    The query is given behind `?`; a lone `?` empties it. In the path `{http.request.uri}` stands for the
    decoded path with the query, of which the query part only counts where a lone `?` follows.
    """

    def __init__(self, uri: str) -> None:
        uri, _, _ = uri.partition("#")
        path, mark, query = uri.partition("?")
        self.path = Template(path, wrap=unescaped_uri) if path else None
        self.query = Query(query) if mark else None

    def apply(self, request: Request) -> None:
        """Changes the request; both parts see it as it was."""
        path = None if self.path is None else self.path.render(request)
        query = None if self.query is None else self.query.render(request)
        if path is not None:
            request.path, mark, injected = path.partition("?")
            if mark and query == "":
                query = rebuild_query(injected)
        if query is not None:
            request.query = query


def unescaped_uri(name: str, read: Part) -> Part:
    """Keeps `{http.request.uri}` from being escaped, as it becomes a decoded path."""
    if name != WHOLE_URI:
        return read
    return lambda request: f"{request.path}?{request.query}" if request.query else request.path


class Query:
    """A query with placeholders, whose values are escaped; a name that is `{query}` is taken as it is."""

    def __init__(self, text: str) -> None:
        self.pieces: list[tuple[Template, bool]] = []
        """Names and values in order, and whether each is a name."""
        name = True
        for piece, separator in pieces(text):
            self.pieces.append((Template(piece, wrap=escaped_but_query if name else escaped), name))
            name = separator == "&"

    def render(self, request: Request) -> str:
        """Returns the query for a request."""
        written = ""
        for template, name in self.pieces:
            written = join_piece(written, template.render(request), name=name)
        return written


def escaped(name: str, read: Part) -> Part:
    """Escapes a placeholder's value."""
    if isinstance(read, str):
        return escape_query(read)
    return lambda request: escape_query(read(request) or "")


def escaped_but_query(name: str, read: Part) -> Part:
    """Escapes a placeholder's value unless it is the whole query."""
    return read if name == WHOLE_QUERY else escaped(name, read)


def pieces(text: str) -> list[tuple[str, str]]:
    """Takes a query apart into names and values, each with the separator behind it."""
    found = SPLIT.split(text)
    pairs = list(zip(found[::2], [*found[1::2], ""], strict=True))
    return pairs if pairs[-1][0] else pairs[:-1]


def join_piece(written: str, piece: str, *, name: bool) -> str:
    """Appends a name or a value to what was written of a query."""
    if not name:
        return f"{written}={piece}"
    return f"{written}&{piece}" if written and piece else written + piece


def rebuild_query(text: str) -> str:
    """Writes a query afresh without empty parts."""
    written, name = "", True
    for piece, separator in pieces(text):
        written = join_piece(written, piece, name=name)
        name = separator == "&"
    return written


def change_path(request: Request, change: Callable[[str], str]) -> None:
    """Applies a change to the escaped path; the decoded one follows."""
    raw = change(escaped_path(request))
    path = unescape(raw)
    request.path = path if path else change(request.path)
    request.raw_path = raw


def strip_prefix(request: Request, prefix: str) -> None:
    """Takes a prefix off the path, ignoring case; an escape in the prefix needs the same in the path."""
    merge = "//" not in prefix

    def change(path: str) -> str:
        path = clean_path(path, merge_slashes=merge)
        return path[prefix_length(path, prefix) :]

    change_path(request, change)


def prefix_length(path: str, prefix: str) -> int:
    """Returns how many characters of an escaped path the prefix takes up; 0 when it is none."""
    at = 0
    for wanted in prefix.encode("utf-8", "surrogateescape"):
        step = 3 if path[at : at + 1] == "%" and wanted != ord("%") else 1
        given = path[at] if step == 1 and at < len(path) else unescape(path[at : at + step])
        if not given or given.encode("utf-8", "surrogateescape").lower() != bytes([wanted]).lower():
            return 0
        at += step
    return at


def strip_suffix(request: Request, suffix: str) -> None:
    """Takes a suffix off the escaped path, ignoring case."""
    merge = "//" not in suffix

    def change(path: str) -> str:
        path = clean_path(path, merge_slashes=merge)
        return path[: len(path) - len(suffix)] if suffix and path.lower().endswith(suffix.lower()) else path

    change_path(request, change)


def replace_text(request: Request, find: str, replacement: str, limit: int) -> None:
    """Replaces a text in the escaped path and in the query, at most `limit` times each; 0 means no limit."""
    count = limit or -1
    merge = "//" not in find
    change_path(request, lambda path: clean_path(path, merge_slashes=merge).replace(find, replacement, count))
    request.query = request.query.replace(find, replacement, count)


def replace_pattern(request: Request, pattern: re.Pattern[str], replacement: str) -> None:
    """Replaces every match in the escaped path."""
    change_path(request, lambda path: replace_all(pattern, replacement, path))
