"""Which file a key's object is in, and in which order the files of a folder come. Reads no object."""

from __future__ import annotations

import os
from collections.abc import Iterator

FOLDER = "=d"
"""Ends the name of every folder, so that `a` and `a/b` may both be keys."""
FILE = "=f"
"""Ends the name of a file that would otherwise look like one of these."""


def path_of(root: str, key: str) -> str:
    """Returns the file of a key. Every checked key has its own, below `root`."""
    *folders, last = key.split("/")
    name = last + FILE if last.endswith((FOLDER, FILE)) else last
    return os.path.join(root, *(folder + FOLDER for folder in folders), name)


def keys(root: str, prefix: str, after: str) -> Iterator[tuple[str, str]]:
    """Yields the keys that begin with `prefix` and come after `after`, with their files, sorted by bytes.

    A folder is read when its turn comes; what vanishes meanwhile is left out.
    """
    yield from below(root, "", prefix, after.encode())


def below(folder: str, outer: str, prefix: str, after: bytes) -> Iterator[tuple[str, str]]:
    """Yields those whose key begins with `outer`, which is empty or ends with a slash."""
    for order, key, path in entries(folder, outer):
        if not key.endswith("/"):
            if key.startswith(prefix) and order > after:
                yield key, path
        elif (key.startswith(prefix) or prefix.startswith(key)) and order >= after[: len(order)]:
            yield from below(path, key, prefix, after)


def entries(folder: str, outer: str) -> list[tuple[bytes, str, str]]:
    """Lists a folder sorted: each entry's order, its key (a folder's ends with a slash), its path."""
    found = []
    try:
        with os.scandir(folder) as scan:
            for entry in scan:
                if entry.is_dir(follow_symlinks=False):
                    key = outer + entry.name.removesuffix(FOLDER) + "/"
                elif entry.is_file(follow_symlinks=False):
                    key = outer + entry.name.removesuffix(FILE)
                else:
                    continue
                found.append((os.fsencode(key), key, entry.path))
    except FileNotFoundError:
        return []
    return sorted(found)
