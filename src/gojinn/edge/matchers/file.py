"""The `file` matcher: asks whether a file exists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gojinn.caddyfile.tree import Node
from gojinn.config.directive import Matcher, Scope
from gojinn.config.fields import line, option, read_block, words
from gojinn.config.units import choice, parse_text
from gojinn.edge.files.root import SITE_ROOT, read_root
from gojinn.edge.files.selection import POLICIES, WHOLE_PATH, Selection, Selector
from gojinn.edge.message import Request


@dataclass(frozen=True, slots=True)
class FileMatch:
    """file [<files...>]
    file {
        root       <path>
        try_files  <files...>
        try_policy <first_exist|smallest_size|largest_size|most_recently_modified>
        split_path <texts...>
    }

    Matches when one of the files exists below the root; without any, the one that the path names. A name with
    a trailing slash asks for a folder; `=404` as a name answers with that status. The choice is in
    `{file_match.relative}`, `{file_match.absolute}`, `{file_match.type}` and `{file_match.remainder}`.
    """

    base: str
    """The folder of the Caddyfile."""
    root: str = line(read_root, "<path>", default=SITE_ROOT)
    """Where to look, if not where `root` says; may hold placeholders."""
    try_files: tuple[str, ...] = words(parse_text, "<files...>")
    """What to look for; may hold placeholders and the wildcards `*`, `?` and `[a-z]`."""
    try_policy: str = option(choice(*POLICIES), "<policy>", default="first_exist")
    """Which of several to choose."""
    split_path: tuple[str, ...] = words(parse_text, "<texts...>")
    """Texts such as `.php` behind which a path is cut before it is looked for."""


def parse(node: Node, scope: Scope) -> FileMatch:
    """Reads arguments and block."""
    return read_block(
        node, FileMatch, scope, base=scope.base_dir, try_files=tuple(word.text for word in node.args)
    )


def build(config: FileMatch, all_of: object) -> Callable[[Request], bool]:
    """Makes the test."""
    names = config.try_files or (WHOLE_PATH,)
    selection = Selection(config.base, names, config.root, config.try_policy, config.split_path)
    return Selector(selection).select


MATCHER = Matcher("file", FileMatch, parse, build)
