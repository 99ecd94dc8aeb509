"""Choosing a file out of several names for it, as `try_files` and the `file` matcher do. Sends nothing."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gojinn.edge.files.lookup import Entry
from gojinn.edge.files.root import SITE_ROOT
from gojinn.edge.globs import compile_glob
from gojinn.edge.handler import HttpError
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Part, Template
from gojinn.edge.url import clean, join_root

POLICIES = ("first_exist", "smallest_size", "largest_size", "most_recently_modified")
WHOLE_PATH = "{http.request.uri.path}"
MAGIC = re.compile(r"[*?\[\\]")
ESCAPED = re.compile(r"\\(.)", re.DOTALL)
STATUS = re.compile(r"=([1-9][0-9]{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Selection:
    """What to choose from."""

    base: str
    """The folder that a missing root means and relative ones are in."""
    names: tuple[str, ...] = (WHOLE_PATH,)
    """Paths below the root, in order; a trailing slash asks for a folder, `=404` ends with that status."""
    root: str = SITE_ROOT
    """May hold placeholders."""
    policy: str = "first_exist"
    """One of POLICIES."""
    split: tuple[str, ...] = ()
    """Texts such as `.php` behind which a path is cut when they end a segment of it."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A file or folder that exists under one of the names."""

    entry: Entry
    relative: str
    """Its path below the root."""
    remainder: str
    """What was cut off."""


Choose = Callable[[Iterator[Candidate]], Candidate | None]


class Selector:
    """Chooses for one request after the other, and leaves the choice in the placeholders of each."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.root = Template(selection.root)
        self.names = [(name, Template(name, wrap=plain_in_globs)) for name in selection.names]
        self.choose = CHOOSERS[selection.policy]
        self.exact = selection.policy == "first_exist"

    def select(self, request: Request) -> bool:
        """Tells whether there is a choice. Raises HttpError for `=<status>` among the names."""
        chosen = self.choose(self.candidates(request))
        if chosen is None:
            return False
        placeholders = request.placeholders
        placeholders["http.matchers.file.relative"] = chosen.relative
        placeholders["http.matchers.file.absolute"] = chosen.entry.path
        placeholders["http.matchers.file.remainder"] = chosen.remainder
        placeholders["http.matchers.file.type"] = "directory" if chosen.entry.is_folder else "file"
        return True

    def candidates(self, request: Request) -> Iterator[Candidate]:
        """Yields what exists, in the order of the names."""
        root = clean(os.path.join(self.selection.base, self.root.render(request)))
        for name, template in self.names:
            status = STATUS.fullmatch(name) if self.exact else None
            if status is not None:
                raise HttpError(int(status[1]))
            path, remainder = self.cut(clean(template.render(request)))
            pattern = join_root("/", path) + ("/" if name.endswith("/") and path != "/" else "")
            for found in expand(root, pattern):
                entry = look_again(found)
                if entry is not None and (not self.exact or entry.is_folder == found.endswith("/")):
                    yield Candidate(entry, found.removeprefix(root.rstrip("/")), remainder)

    def cut(self, path: str) -> tuple[str, str]:
        """Cuts a path behind the first of the split texts that ends one of its segments."""
        for text in self.selection.split:
            at = path.lower().find(text.lower())
            end = at + len(text)
            if at >= 0 and path[end : end + 1] in ("", "/"):
                return path[:end], path[end:]
        return path, ""


def plain_in_globs(name: str, read: Part) -> Part:
    """Keeps a placeholder's value from being read as a wildcard."""
    if isinstance(read, str):
        return MAGIC.sub(r"\\\g<0>", read)
    return lambda request: MAGIC.sub(r"\\\g<0>", read(request) or "")


def expand(root: str, pattern: str) -> list[str]:
    """Returns the paths that a pattern below a folder means; without wildcards the one that it names."""
    plain = ESCAPED.sub("", pattern)
    if not MAGIC.search(plain):
        return [join_root(root, ESCAPED.sub(r"\1", pattern))]
    found = [root]
    for segment in pattern.strip("/").split("/"):
        found = [path for folder in found for path in children(folder, segment)]
    return [path + "/" if pattern.endswith("/") else path for path in found]


def children(folder: str, segment: str) -> list[str]:
    """Returns what in a folder has a name that matches, in the order of the names."""
    glob = compile_glob(segment)
    try:
        names = sorted(os.listdir(folder)) if glob else []
    except (OSError, ValueError):
        return []
    return [os.path.join(folder, name) for name in names if glob and glob.fullmatch(name)]


def look_again(path: str) -> Entry | None:
    """Looks at a path; what cannot be looked at counts as missing."""
    try:
        return Entry(path, os.stat(path))
    except (OSError, ValueError):
        return None


def smallest(candidates: Iterator[Candidate]) -> Candidate | None:
    """Chooses by size; the earliest of equals."""
    return min(candidates, key=lambda candidate: candidate.entry.info.st_size, default=None)


def largest(candidates: Iterator[Candidate]) -> Candidate | None:
    """Chooses by size, an empty file never; the earliest of equals."""
    sized = (candidate for candidate in candidates if candidate.entry.info.st_size > 0)
    return max(sized, key=lambda candidate: candidate.entry.info.st_size, default=None)


def latest(candidates: Iterator[Candidate]) -> Candidate | None:
    """Chooses by time of modification; the earliest of equals."""
    return max(candidates, key=lambda candidate: candidate.entry.info.st_mtime_ns, default=None)


def first(candidates: Iterator[Candidate]) -> Candidate | None:
    """Chooses the first."""
    return next(candidates, None)


CHOOSERS: dict[str, Choose] = dict(zip(POLICIES, (first, smallest, largest, latest), strict=True))
