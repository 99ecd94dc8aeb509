"""Files that are not to be seen, by name or by path. What is done about them is the caller's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

from gojinn.edge.globs import compile_glob
from gojinn.edge.message import Request
from gojinn.edge.placeholders import Template


class Hidden:
    """A list of patterns. One without a slash hides every file or folder of that name, others paths."""

    def __init__(self, patterns: Iterable[str], base: str) -> None:
        self.templates = [Template(pattern) for pattern in patterns]
        self.base = base
        """What relative paths are relative to."""
        self.constant = all(template.constant is not None for template in self.templates)
        self.rules = [self.rule(template.constant or "") for template in self.templates if self.constant]

    def rule(self, pattern: str) -> tuple[str, re.Pattern[str] | None]:
        """Prepares one pattern: the absolute path, or an empty text, and the glob."""
        path = os.path.normpath(os.path.join(self.base, pattern)) if "/" in pattern else ""
        return path, compile_glob(path or pattern)

    def holds(self, path: str, request: Request) -> bool:
        """Tells whether a path is hidden."""
        rules = self.rules
        if not self.constant:
            rules = [self.rule(template.render(request)) for template in self.templates]
        path = os.path.normpath(os.path.join(self.base, path))
        return any(hides(path, prefix, glob) for prefix, glob in rules)


def hides(path: str, prefix: str, glob: re.Pattern[str] | None) -> bool:
    """Tells whether one rule hides an absolute path."""
    if prefix and path.startswith(prefix + "/"):
        return True
    candidates = [path] if prefix else path.split("/")
    return glob is not None and any(glob.fullmatch(candidate) for candidate in candidates)
