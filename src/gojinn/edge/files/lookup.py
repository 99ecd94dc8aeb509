"""Which file a path means: index files, hidden ones, canonical URIs. Opens nothing."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from gojinn.edge.handler import HttpError
from gojinn.edge.message import Request
from gojinn.edge.url import join_root
from gojinn.edge.variables import original_path

ABSENT = frozenset((errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.EINVAL))
"""Failures that mean that there is no such file."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder that exists."""

    path: str
    info: os.stat_result
    implied: bool = False
    """Whether it is the index file of the folder that was asked for."""

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder."""
        return stat.S_ISDIR(self.info.st_mode)


def look(path: str) -> os.stat_result | None:
    """Looks at a path, following links; None when nothing is there. Raises HttpError 403 or 500."""
    try:
        return os.stat(path)
    except ValueError:
        return None
    except OSError as error:
        if error.errno in ABSENT:
            return None
        raise HttpError(403 if error.errno == errno.EACCES else 500, str(error)) from error


def find_index(folder: str, names: Iterable[str]) -> Entry | None:
    """Finds the first index file in a folder."""
    for name in names:
        path = join_root(folder, name)
        try:
            info = look(path)
        except HttpError:
            continue
        if info is not None:
            return Entry(path, info, implied=True)
    return None


def canonical_path(request: Request, entry: Entry) -> str | None:
    """Returns the path to redirect to: with a trailing slash for a folder's index, without one for a file.

    None when the path is right, or when a rewrite changed its last segment: then the rewrite decides.
    """
    original = original_path(request)
    if last_segment(original) != last_segment(request.path):
        return None
    if entry.implied and not original.endswith("/"):
        return original + "/"
    return original[:-1] if not entry.implied and original.endswith("/") else None


def last_segment(path: str) -> str:
    """Returns a path's last segment as Go's path.Base."""
    return path.rstrip("/").rpartition("/")[2] or ("/" if path else ".")
