"""From text to lines of words. Knows neither blocks nor imports; those are `parser`'s."""

from __future__ import annotations

from gojinn.caddyfile.scanner import scan
from gojinn.caddyfile.source import Source
from gojinn.caddyfile.tree import Word

MOST_WORDS = 1_000_000
"""Words that one file may have: a bound on time and memory, far above any configuration."""

SILENT = frozenset({"comment", "join", "slash", "end"})
"""Kinds of tokens that are not words."""

Line = list[Word]
"""The words of one line, continuations joined; never empty."""


def lex(source: Source) -> list[Line]:
    """Splits a text into lines of words. Raises ConfigError for what does not make a token."""
    lines: list[Line] = []
    line: Line = []
    count = 0
    for kind, start, end in scan(source):
        if kind == "newline":
            if line:
                lines.append(line)
                line = []
        elif kind not in SILENT:
            count += 1
            if count > MOST_WORDS:
                raise source.error(start, f"more than {MOST_WORDS} words in one file")
            line.append(make_word(source, kind, start, end))
    if line:
        lines.append(line)
    return lines


def make_word(source: Source, kind: str, start: int, end: int) -> Word:
    """Makes the word of a token."""
    place = source.place(start)
    written = source.lines[place.line - 1]
    if kind == "word" or kind == "angle":
        text = source.text[start:end]
        return Word(text.replace("\\<", "<") if "\\<" in text else text, place, written)
    if kind == "heredoc":
        return Word(heredoc(source, start, end), place, written, True)
    text = source.text[start + 1 : end - 1]
    if kind == "quoted":
        text = text.replace('\\"', '"')
    return Word(text, place, written, True)


def heredoc(source: Source, start: int, end: int) -> str:
    """Returns the text of a heredoc: its lines without the indentation that the closing marker has."""
    body = source.text[start:end]
    lines = body.split("\n")
    mark = lines[-1].lstrip(" \t")
    indent = lines[-1][: -len(mark)]
    offset, texts = start + len(lines[0]) + 1, []
    for line in lines[1:-1]:
        bare = line.replace("\r", "")
        if bare and not line.startswith(indent):
            message = f"line in heredoc '<<{mark}' is indented less than its closing marker"
            raise source.error(offset, message, hint=f"indent it, or move '{mark}' to the left")
        texts.append(bare[len(indent) :])
        offset += len(line) + 1
    return "\n".join(texts)
