"""The `try_files` directive: rewrites the path to the first file that exists."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Directive, Scope
from gojinn.config.fields import option, read_block
from gojinn.config.units import choice
from gojinn.edge.files.selection import POLICIES, Selection, Selector
from gojinn.edge.handler import BuildContext, Handler, Middleware
from gojinn.edge.message import Request, Response
from gojinn.edge.rewriter import Rewrite


@dataclass(frozen=True, slots=True)
class TryFilesConfig:
    """try_files <files...> {
        policy <first_exist|smallest_size|largest_size|most_recently_modified>
    }

    Rewrites the path to the first of the files that exists below the site's root; without any, it stays. A
    name with a trailing slash asks for a folder, `=404` as the last one answers with that status, and a query
    behind a name replaces the request's.
    """

    base: str
    """The folder of the Caddyfile."""
    files: tuple[str, ...]
    """What to look for; may hold placeholders and the wildcards `*`, `?` and `[a-z]`."""
    policy: str = option(choice(*POLICIES), "<policy>", default="first_exist")
    """Which of several to choose."""


def parse(node: Node, scope: Scope) -> TryFilesConfig:
    """Reads the files and the policy."""
    if not node.args:
        raise node.wrong_args("<files...>")
    files = tuple(word.text for word in node.args)
    return read_block(node, TryFilesConfig, scope, base=scope.base_dir, files=files)


def build(config: TryFilesConfig, context: BuildContext) -> Middleware:
    """Makes the middleware that rewrites."""
    attempts = [
        (Selector(Selection(config.base, names, policy=config.policy)), rewrite)
        for names, rewrite in split_queries(config.files)
    ]

    def middleware(following: Handler) -> Handler:
        def handle(request: Request) -> Awaitable[Response]:
            for selector, rewrite in attempts:
                if selector.select(request):
                    rewrite.apply(request)
                    break
            return following(request)

        return handle

    return middleware


def split_queries(files: tuple[str, ...]) -> list[tuple[tuple[str, ...], Rewrite]]:
    """Groups names that share a rewrite; each with a query has its own."""
    groups: list[tuple[list[str], str]] = []
    for file in files:
        name, mark, query = file.partition("?")
        if mark or not groups or groups[-1][1]:
            groups.append(([], mark + query))
        groups[-1][0].append(name)
    return [(tuple(names), Rewrite("{http.matchers.file.relative}" + query)) for names, query in groups]


DIRECTIVE = Directive("try_files", TryFilesConfig, parse, build, takes_matcher=False)
