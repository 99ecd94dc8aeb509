"""Where in a request's path a CGI script begins. What the script is told of that is `metavariables`'."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gojinn.edge.matchers.path import SPECIAL
from gojinn.edge.message import Request
from gojinn.edge.rewriter import prefix_length
from gojinn.edge.url import clean_path, escape_path, escaped_path, unescape
from gojinn.functions.metavariables import Way

DOT_SEGMENT = "/."


class Place(NamedTuple):
    """A path under which a script is found."""

    prefix: str
    """In lower case, without a slash at its end."""
    ending: str
    """What may follow, as WAGI writes it."""


def places(patterns: Sequence[Sequence[str]]) -> tuple[Place, ...]:
    """The places that path matchers around a directive name, given from outside in; the innermost come
    first."""
    found = []
    for pattern in (pattern.lower() for each in reversed(patterns) for pattern in each):
        stem = pattern.removesuffix("*")
        if stem.startswith("/") and not SPECIAL.intersection(stem):
            found.append(Place(stem, "") if stem == pattern else Place(stem.removesuffix("/"), "/..."))
    return tuple(place for place in found if place.prefix)


def way_of(request: Request, places: Sequence[Place], *, user: str = "") -> Way:
    """The way that a request took to a script.

    What was stripped from its path and, behind that, the first place that it begins with lead to the script;
    where it was rewritten otherwise, the rewritten path counts.
    """
    path, raw = request.path, escaped_path(request)
    received = request.original_target.partition("?")[0]
    received = unescape(received) or received
    stripped = received[: len(received) - len(path)] if received.endswith(path) else ""
    if DOT_SEGMENT in path:
        path = clean_path(path, merge_slashes=False)
        raw = escape_path(path)
    lower = path.lower()
    place = next((each for each in places if begins(lower, each)), Place("", "/..."))
    size = len(place.prefix)
    script = stripped + path[:size]
    connection = request.connection
    return Way(
        request.original_target,
        path[size:],
        raw[prefix_length(raw, path[:size]) :],
        request.query,
        script=script,
        route=script + place.ending,
        server=bracketed(request.host or connection.server),
        port=request.port,
        scheme=request.scheme,
        protocol=f"HTTP/{request.version}",
        remote_port=connection.remote_port if request.client_ip == connection.remote else 0,
        user=user,
    )


def begins(path: str, place: Place) -> bool:
    """Whether a path, in lower case, leads to a place or behind it."""
    if not path.startswith(place.prefix):
        return False
    rest = path[len(place.prefix) :]
    return rest.startswith("/") if rest and place.ending else not rest


def bracketed(host: str) -> str:
    """An address of IPv6 as URLs have it."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host
