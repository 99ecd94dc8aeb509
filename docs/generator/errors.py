"""The page of errors: what their codes mean to callers and scripts."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

from docs.generator.markdown import code, table

from gojinn.errors import GojinnError

HEAD = """\
# Errors

Every failure of the server is a problem document (RFC 9457, `application/problem+json`) with a stable `code`,
a `hint` where there is one, and an `id` that is also in the log. The commands use the same tree: exit codes
are in the last column.
"""


def page() -> str:
    """Makes the page."""
    return f"{HEAD}\n{table(('code', 'HTTP status', 'meaning', 'exit code'), rows())}"


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Yields a row for each error of the tree, the root left out."""
    for kind in tree(GojinnError):
        meaning = inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0]
        yield code(kind.code), str(kind.status), meaning, str(kind.exit_code)


def tree(root: type[GojinnError]) -> Iterator[type[GojinnError]]:
    """Yields the errors below `root` that have a code of their own, in the order they are defined."""
    for kind in root.__subclasses__():
        if kind.__module__ == root.__module__:
            if "code" in vars(kind):
                yield kind
            yield from tree(kind)
