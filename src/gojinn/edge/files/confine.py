"""What links in folders that functions may write to lead to. Other links are the operator's, and followed.

A function may make a link in its mount to anything beside it. It cannot follow that itself, but a file server
would; so a link that stands in such a folder must not lead out of it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable

MOST_LINKS = 40
"""As many as the kernel follows in one path."""


class Confinement:
    """The folders that functions of a configuration may write to."""

    def __init__(self, folders: Iterable[str]) -> None:
        self.folders = tuple(sorted({os.path.realpath(folder) for folder in folders}, key=len, reverse=True))

    def allows(self, path: str) -> bool:
        """Whether a path may be served: no link of a function leads it out of that function's folder."""
        if not self.folders or os.path.realpath(path) == os.path.normpath(path):
            return True
        return self.allows_links(path)

    def allows_open(self, path: str, fd: int) -> bool:
        """The same for the file that was opened at a path, whatever has been changed there meanwhile."""
        if not self.folders:
            return True
        opened = os.readlink(f"/proc/self/fd/{fd}")
        return opened == os.path.realpath(path) and self.allows(path)

    def allows_links(self, path: str) -> bool:
        """Follows the links of a path one by one, as the kernel does."""
        waiting = [part for part in reversed(os.path.abspath(path).split("/")) if part]
        here, within, followed = "/", set[str](), 0
        while waiting:
            part = waiting.pop()
            step = os.path.dirname(here) if part == ".." else os.path.join(here, part)
            if part == "." or not os.path.islink(step):
                here = here if part == "." else step
                continue
            followed += 1
            if followed > MOST_LINKS:
                return False
            within.update(folder for folder in self.folders if holds(folder, step))
            target = os.readlink(step)
            here = "/" if target.startswith("/") else here
            waiting += [part for part in reversed(target.split("/")) if part]
        return all(holds(folder, here) for folder in within)


def holds(folder: str, path: str) -> bool:
    """Whether a path is a folder or below it."""
    return path == folder or path.startswith(folder + "/")
