"""Reads pages of the documentation: their blocks of code, the commands in them, their headings and links.
What these have to do with the program is for tests to say."""

from __future__ import annotations

import re
import shlex
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

ROOT = Path(__file__).parents[3]
"""The checkout, which pages are named from."""
PAGES = sorted(
    page
    for pattern in ("*.md", "docs/**/*.md", "sdks/*/README.md", "benchmarks/*.md")
    for page in ROOT.glob(pattern)
)
FENCE = re.compile(r"(?ms)^( *)```(\w*)\n(.*?)^\1```$")
SPAN = re.compile(r"(?<!`)(`+)([^`]+)\1(?!`)")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"(?m)^#+ +(.*)$")
SEPARATORS = {"|", "||", "&&", ";", "&", "(", ")"}


@dataclass(frozen=True, slots=True)
class Block:
    """A block of code."""

    page: Path
    line: int
    """Where its first line is."""
    language: str
    """What stands behind the fence."""
    text: str

    @property
    def name(self) -> str:
        """How lists of blocks call it: the page and its first line, which stays when others move."""
        return f"{name(self.page)}: {self.text.partition(chr(10))[0].strip()}"


@dataclass(frozen=True, slots=True)
class Step:
    """A command with the output that the page shows; `…` stands for anything in it."""

    command: str
    output: str

    def shows(self, text: str) -> bool:
        """Tells whether this is what the page shows."""
        pattern = ".*".join(re.escape(part) for part in self.output.split("…"))
        return re.fullmatch(pattern, text.strip(), re.DOTALL) is not None


def name(page: Path) -> str:
    """Names a page from the checkout's folder."""
    return page.relative_to(ROOT).as_posix()


def blocks(page: Path) -> list[Block]:
    """Reads the blocks of code, without what indents them in a list."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(page, text.count("\n", 0, found.start()) + 2, found[2], textwrap.dedent(found[3]))
        if found[1]
        else Block(page, text.count("\n", 0, found.start()) + 2, found[2], found[3])
        for found in FENCE.finditer(text)
    ]


def prose(page: Path) -> str:
    """Reads a page without its blocks of code."""
    return FENCE.sub("", page.read_text(encoding="utf-8"))


def spans(page: Path) -> list[str]:
    """Reads what stands as code within lines; a break of the line is a space."""
    return [" ".join(found[2].split()) for found in SPAN.finditer(prose(page))]


def links(page: Path) -> list[str]:
    """Reads where its links lead to."""
    return LINK.findall(SPAN.sub("", prose(page)))


def anchors(page: Path) -> set[str]:
    """Makes the anchors of its headings, as GitHub does."""
    found: set[str] = set()
    for heading in HEADING.findall(prose(page)):
        anchor = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        count = sum(1 for each in found if re.fullmatch(re.escape(anchor) + r"(-\d+)?", each))
        found.add(f"{anchor}-{count}" if count else anchor)
    return found


def steps(page: Path) -> Iterator[Step]:
    """Reads the commands of the page's `console` blocks, each with its output."""
    for block in blocks(page):
        if block.language == "console":
            yield from steps_of(block)


def steps_of(block: Block) -> Iterator[Step]:
    """Reads the commands of a block, each with its output."""
    for part in re.split(r"(?m)^\$ ", block.text)[1:]:
        command, _, output = part.replace("\\\n", "").partition("\n")
        yield Step(command, output.strip())


def commands(block: Block) -> Iterator[list[str]]:
    """Yields the words of each command in a block of shell: of all those in a pipe or a list."""
    lines = block.text.replace("\\\n", "")
    if block.language == "console":
        lines = "\n".join(line[2:] for line in lines.splitlines() if line.startswith("$ "))
    for line in lines.splitlines():
        yield from split(line)


def split(line: str) -> Iterator[list[str]]:
    """Yields the words of each command in a line, without assignments, redirections and the comment."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=True)
    lexer.commenters, lexer.whitespace_split = "", True
    words: list[str] = []
    redirected = False
    for word in [*takewhile(lambda word: not word.startswith("#"), lexer), ";"]:
        if word in SEPARATORS:
            if words:
                yield words
            words = []
        elif word in ("<", ">"):
            redirected = True
        elif redirected:
            redirected = False
        elif words or not re.match(r"\w+=", word):
            words.append(word)
