"""What is in a folder, in which order, and as JSON. As a page it is `page`'s business."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from gojinn.edge.cookies import cookie
from gojinn.edge.message import Header, Request
from gojinn.edge.query import values
from gojinn.edge.url import escape_path

MOST_ENTRIES = 10_000
"""Entries of a folder that are shown."""
SORTS = ("name", "namedirfirst", "size", "time")
ORDERS = ("asc", "desc")
GO_FOLDER, GO_LINK = 1 << 31, 1 << 27
GO_KINDS = {
    stat.S_IFDIR: GO_FOLDER,
    stat.S_IFLNK: GO_LINK,
    stat.S_IFIFO: 1 << 25,
    stat.S_IFSOCK: 1 << 24,
    stat.S_IFBLK: 1 << 26,
    stat.S_IFCHR: 1 << 26 | 1 << 21,
}
"""File types in Go's fs.FileMode, which the JSON form shows."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a folder."""

    name: str
    """With a trailing slash for a folder."""
    size: int
    """Bytes; of what a link leads to, if that exists."""
    url: str
    """Relative to the folder."""
    modified_ns: int
    """Nanoseconds since 1970; a link's own."""
    mode: int
    """As Go's fs.FileMode."""
    is_folder: bool
    is_link: bool


@dataclass(slots=True)
class Listing:
    """A folder's entries, sorted and cut as the request asks."""

    path: str
    """The request's path."""
    items: list[Item]
    sort: str = "namedirfirst"
    order: str = "asc"
    cookies: list[Header] = field(default_factory=list)
    """Set-Cookie fields that make the client remember its choice."""


def read_folder(path: str, hidden: Callable[[str], bool]) -> list[Item]:
    """Reads a folder, without what is hidden. Blocks. Raises OSError."""
    items: list[Item] = []
    with os.scandir(path) as entries:
        for entry in entries:
            if len(items) < MOST_ENTRIES and not hidden(entry.path):
                items += read_entry(entry)
    return items


def read_entry(entry: os.DirEntry[str]) -> Iterator[Item]:
    """Reads one entry; none when it vanished meanwhile. A link that leads nowhere counts as a file."""
    try:
        info = target = entry.stat(follow_symlinks=False)
    except OSError:
        return
    if entry.is_symlink():
        with suppress(OSError):
            target = os.stat(entry.path)
    name = entry.name + "/" if stat.S_ISDIR(target.st_mode) else entry.name
    yield Item(
        name=name,
        size=target.st_size,
        url="./" + escape_path(name),
        modified_ns=info.st_mtime_ns,
        mode=info.st_mode & 0o777 | GO_KINDS.get(stat.S_IFMT(info.st_mode), 0),
        is_folder=name.endswith("/"),
        is_link=entry.is_symlink(),
    )


def arrange(request: Request, path: str, items: list[Item]) -> Listing:
    """Sorts and cuts a listing by the parameters `sort`, `order`, `limit` and `offset`."""
    listing = Listing(path, items)
    listing.sort = choose(request, listing, "sort", SORTS, "namedirfirst")
    listing.order = choose(request, listing, "order", ORDERS, "asc")
    if listing.sort in SORTS:
        items.sort(key=sort_key(listing.sort), reverse=listing.order == "desc")
    offset, limit = number(request, "offset"), number(request, "limit")
    if 0 < offset <= len(items):
        del items[:offset]
    if 0 < limit <= len(items):
        del items[limit:]
    return listing


def choose(request: Request, listing: Listing, name: str, valid: tuple[str, ...], default: str) -> str:
    """Takes a choice from the query, then from the cookie of that name."""
    given = (values(request.query, name) or [""])[0]
    if not given:
        return cookie(request, name) or default
    if given in valid:
        secure = "; Secure" if request.tls else ""
        listing.cookies.append((b"set-cookie", f"{name}={given}{secure}".encode()))
    return given


def number(request: Request, name: str) -> int:
    """Reads a number from the query; 0 when it is none."""
    given = (values(request.query, name) or [""])[0]
    return int(given) if given.isdecimal() and len(given) < 10 else 0


def sort_key(kind: str) -> Callable[[Item], tuple[object, ...]]:
    """Makes the key of a sort order; folders come before files except by bare name and by time."""
    keys: dict[str, Callable[[Item], tuple[object, ...]]] = {
        "name": lambda item: (item.name.lower(),),
        "namedirfirst": lambda item: (not item.is_folder, item.name.lower()),
        "size": lambda item: (-1, item.name.lower()) if item.is_folder else (item.size, ""),
        "time": lambda item: (item.modified_ns,),
    }
    return keys[kind]


def to_json(listing: Listing) -> bytes:
    """Writes a listing as Caddy's JSON."""
    rows = [
        {
            "name": item.name,
            "size": item.size,
            "url": item.url,
            "mod_time": timestamp(item.modified_ns),
            "mode": item.mode,
            "is_dir": item.is_folder,
            "is_symlink": item.is_link,
        }
        for item in listing.items
    ]
    text = json.dumps(rows, separators=(",", ":"), ensure_ascii=False)
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return (text + "\n").encode("utf-8", "replace")


def timestamp(nanoseconds: int) -> str:
    """Writes a time as RFC 3339 with the digits that it has."""
    seconds, rest = divmod(nanoseconds, 10**9)
    digits = f".{rest:09}".rstrip("0").rstrip(".")
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}{digits}Z"
