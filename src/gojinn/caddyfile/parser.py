"""From lines of words to blocks and directives, imports resolved. Knows no directive but `import`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gojinn.caddyfile.braces import alone, closing_line, is_brace, opens_block, unclosed
from gojinn.caddyfile.imports import Import, check_arguments, is_import, matching_files, read_import, replay
from gojinn.caddyfile.keys import is_snippet, read_keys
from gojinn.caddyfile.lexer import Line, lex
from gojinn.caddyfile.source import Source, read_text
from gojinn.caddyfile.tree import Document, Node, ServerBlock, Word
from gojinn.errors import ConfigError

DEEPEST = 50
"""Blocks within blocks, those that imports add included: what adapts and builds them recurses."""
LONGEST_CHAIN = 30
"""Imports within imports."""
MOST_LINES = 1_000_000
"""Lines that imports bring in, in all: snippets that import each other twice double at every step."""


def parse(path: str, text: str | None = None, env: Mapping[str, str] | None = None) -> Document:
    """Parses a Caddyfile and what it imports; `text` stands for the file's own when given.

    Raises ConfigError at the first thing that is wrong.
    """
    source = Source(read_text(path) if text is None else text, path, env)
    parser = Parser(env, files=[os.path.abspath(path)], importing={os.path.realpath(path): path})
    parser.fragment(lex(source))
    return Document(tuple(parser.options), tuple(parser.blocks), tuple(dict.fromkeys(parser.files)))


@dataclass(slots=True)
class Open:
    """A block that is being read."""

    name: Word
    args: tuple[Word, ...]
    brace: Word
    outer: list[Node]
    """The nodes that its own node will join."""


@dataclass(slots=True)
class Parser:
    """Reads the fragments that make up one configuration: its file, and the imported ones."""

    env: Mapping[str, str] | None
    files: list[str]
    importing: dict[str, str]
    """The chain of files and snippets that are being read: what each is, and how it is called."""
    options: list[Node] = field(default_factory=list)
    blocks: list[ServerBlock] = field(default_factory=list)
    snippets: dict[str, list[Line]] = field(default_factory=dict)
    imported: int = 0
    """Lines that imports have brought in so far."""
    started: bool = False
    """Whether a block other than a snippet has been read: global options come first."""

    def fragment(self, lines: Sequence[Line]) -> None:
        """Reads what stands outside of all blocks."""
        at = 0
        while at < len(lines):
            if is_import(lines[at]):
                for part in self.imports(lines[at]):
                    self.fragment(part)
                at += 1
            else:
                at = self.top_level(lines, at)

    def top_level(self, lines: Sequence[Line], at: int) -> int:
        """Reads one block with its keys; returns the line after it."""
        keys, opening, at = read_keys(lines, at)
        if is_snippet(keys):
            return self.snippet(keys[0], opening, lines, at)
        for key in keys:
            check_arguments(key)
        if opening is not None and not keys and self.started:
            raise opening.error(
                "a block without an address holds global options and must come first",
                hint="put an address such as ':8080' before the '{'",
            )
        self.started = True
        nodes, at = self.block(lines, at, opening, 1)
        if keys:
            self.blocks.append(ServerBlock(tuple(keys), tuple(nodes)))
        else:
            self.options = nodes
        return at

    def snippet(self, key: Word, opening: Word | None, lines: Sequence[Line], at: int) -> int:
        """Keeps the lines of a snippet for its imports; returns the line after it."""
        if opening is None:
            raise key.error(f"snippet '{key.text}' has no block", hint=f"write '{key.text} {{ … }}'")
        if key.text in self.snippets:
            raise key.error(f"snippet '{key.text}' is defined twice", hint="rename one of them")
        end = closing_line(lines, at, opening)
        self.snippets[key.text] = list(lines[at:end])
        return end + 1

    def block(
        self, lines: Sequence[Line], at: int, opening: Word | None, depth: int
    ) -> tuple[list[Node], int]:
        """Reads directives up to the brace that closes `opening`, or to the end of the lines without one.

        Returns them and the line after. Nested blocks are kept on a stack, not by recursion.
        """
        nodes: list[Node] = []
        stack: list[Open] = []
        while at < len(lines):
            line = lines[at]
            first = line[0]
            at += 1
            if is_brace(first, "}"):
                alone(line)
                if not stack:
                    if opening is None:
                        raise first.error("unexpected '}': no block is open", hint="remove it")
                    return nodes, at
                done = stack.pop()
                done.outer.append(Node(done.name, done.args, tuple(nodes)))
                nodes = done.outer
            elif is_import(line):
                for part in self.imports(line):
                    nodes += self.block(part, 0, None, depth + len(stack))[0]
            elif opens_block(line):
                stack.append(Open(first, arguments(line, 1, -1), line[-1], nodes))
                if depth + len(stack) > DEEPEST:
                    raise line[-1].error(f"blocks are nested deeper than {DEEPEST}")
                nodes = []
            else:
                nodes.append(Node(first, arguments(line, 1, None)))
        if stack:
            raise unclosed(stack[-1].brace)
        if opening is not None:
            raise unclosed(opening)
        return nodes, at

    def imports(self, line: Line) -> Iterator[list[Line]]:
        """Yields the lines of the snippet, or of each file, that an import names."""
        wanted = read_import(line)
        if len(wanted.via) > LONGEST_CHAIN:
            raise wanted.target.error(f"imports are nested deeper than {LONGEST_CHAIN}")
        snippet = f"({wanted.target.text})"
        if snippet in self.snippets:
            yield from self.link(wanted, snippet, snippet, replay(self.snippets[snippet], wanted))
            return
        for file in matching_files(wanted.target):
            yield from self.link(wanted, os.path.realpath(file), file, self.file(wanted, file))

    def file(self, wanted: Import, file: str) -> list[Line]:
        """Reads the lines of one imported file."""
        try:
            text = read_text(file)
        except ConfigError as bad:
            raise wanted.unreadable(bad) from bad
        self.files.append(os.path.abspath(file))
        lines = lex(Source(text, file, self.env, wanted.via))
        return replay(lines, wanted) if wanted.args else lines

    def link(self, wanted: Import, key: str, name: str, lines: list[Line]) -> Iterator[list[Line]]:
        """Yields lines while they are in the chain. Raises ConfigError for a cycle, and for too much."""
        if key in self.importing:
            names = list(self.importing.values())
            chain = " → ".join([*names[list(self.importing).index(key) :], name])
            raise wanted.target.error(f"import cycle: {chain}", hint="remove one of these imports")
        self.imported += len(lines)
        if self.imported > MOST_LINES:
            raise wanted.target.error(f"imports bring in more than {MOST_LINES} lines")
        self.importing[key] = name
        yield lines
        del self.importing[key]


def arguments(line: Line, start: int, end: int | None) -> tuple[Word, ...]:
    """Returns the words of a line between two indices, checked to hold no leftover of a snippet."""
    for word in line:
        if "{args" in word.text:
            check_arguments(word)
    return tuple(line[start:end])
