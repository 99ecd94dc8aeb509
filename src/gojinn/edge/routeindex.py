"""Finds among thousands of routes with plain paths the few that a path can match. Runs no matcher."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain

from gojinn.config.model import Match
from gojinn.edge.matchers.path import SPECIAL, PathMatch


def index_keys(matches: Sequence[Match]) -> tuple[str, ...] | None:
    """Returns the keys under which matchers can be looked up, or None when they cannot.

    A set can when one of its matchers is `path` with whole paths (`/a`) and whole folders (`/a/*`) only.
    """
    for match in matches:
        if isinstance(match.config, PathMatch) and all(map(plain, match.config.patterns)):
            return tuple(pattern.lower() for pattern in match.config.patterns)
    return None


def plain(pattern: str) -> bool:
    """Tells whether a pattern is a whole path or everything in a folder."""
    path = pattern[:-1] if pattern.endswith("/*") else pattern
    return "//" not in pattern and not SPECIAL.intersection(path)


class PathIndex:
    """Positions of routes by the paths that they match."""

    def __init__(self, keys: Iterable[tuple[int, tuple[str, ...]]]) -> None:
        """Takes positions in ascending order with their keys."""
        self._positions: dict[str, list[int]] = {}
        for position, names in keys:
            for name in dict.fromkeys(names):
                self._positions.setdefault(name, []).append(position)
        folders = [name for name in self._positions if name.endswith("/*")]
        self._depth = max((name.count("/") for name in folders), default=0)
        """Slashes in the deepest folder; no path is looked at beyond that."""

    def find(self, path: str, start: int) -> list[int]:
        """Returns the positions from `start` on that a path, as `Request.match_path`, can match, in order."""
        found = self._positions.get(path, [])
        if self._depth:
            found = sorted(chain(found, *self._of_folders(path)))
        return found[bisect_left(found, start) :] if start else found

    def _of_folders(self, path: str) -> Iterator[list[int]]:
        """Yields the positions of the folders that a path is in."""
        slash = -1
        for _ in range(self._depth):
            slash = path.find("/", slash + 1)
            if slash < 0:
                return
            yield self._positions.get(path[: slash + 1] + "*", [])
