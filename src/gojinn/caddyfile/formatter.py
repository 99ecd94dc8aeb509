"""`gojinn fmt`: lays a Caddyfile out as `caddy fmt` does. Decides white space only, never what a file means.

Formatting what is formatted changes nothing, and a file that parses still parses to the same. Where Caddy's
own formatter does not keep to that (backticks, heredocs, `#` and braces within a word), this one does.
"""

from __future__ import annotations

from gojinn.caddyfile.scanner import SPACE, WRITTEN, Token, scan
from gojinn.caddyfile.source import Source

DEEPEST = 50
"""Tabs at most: blocks in blocks without end would be indented by the square of their number."""
MOST_NEWLINES = 2
"""Line breaks in a row: one blank line, or two after a comment, whose own break comes on top."""
OUTSIDE = SPACE.encode().decode("unicode_escape").replace("-", "") + "\n"
LINE_ENDS = frozenset({"newline", "comment", "end"})


def format_text(text: str, file: str = "Caddyfile") -> str:
    """Returns the text laid out. Raises ConfigError when a quote or a heredoc in it is never closed."""
    source = Source(text, file)
    tokens = [token for token in scan(source, WRITTEN) if token[0] != "slash"]
    layout = Layout()
    end = 0
    for index, (kind, start, stop) in enumerate(tokens):
        lexeme = source.text[start:stop]
        last = kind in ("word", "angle") and ends_line(source, tokens, index)
        if last and has_glued_brace(lexeme):
            layout.add(kind, lexeme[:-1], start > end)
            layout.add("word", "{", True)
        elif last and kind == "angle" and tokens[index + 1][0] != "comment":
            layout.add(kind, "\\" + lexeme, start > end)
        elif kind != "end":
            layout.add(kind, lexeme, start > end)
        end = stop
    return "".join(layout.out).strip(OUTSIDE) + "\n"


def has_glued_brace(lexeme: str) -> bool:
    """Tells whether a word ends in a `{` with no space before it: no file with that at a line end parses."""
    return len(lexeme) > 1 and lexeme.endswith("{") and not lexeme.endswith(("{{", "\\{"))


def ends_line(source: Source, tokens: list[Token], index: int) -> bool:
    """Tells whether a token will be the last word on its line."""
    kind, start, stop = tokens[index + 1]
    return kind in LINE_ENDS or source.text[start:stop] == "}"


class Layout:
    """Writes tokens one after the other with the white space that belongs between them."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self.depth = 0
        self.newlines = 0
        """Line breaks since the last token that are still to be written."""
        self.fresh = True
        """Whether nothing is written on the current line yet."""
        self.after = "start"
        """What was written last: `start`, `open`, `close`, `comment` or `word`."""

    def add(self, kind: str, lexeme: str, spaced: bool) -> None:
        """Writes one token; `spaced` tells whether there was white space before it."""
        if kind == "newline":
            self.newline()
        elif kind == "join":
            self.join(spaced)
        elif kind == "comment":
            self.separate(spaced, comment=True)
            self.write(lexeme.rstrip("\r"), "comment")
        elif kind == "word" and lexeme == "{":
            self.open()
        elif kind == "word" and lexeme == "}":
            self.close()
        else:
            self.separate(spaced)
            self.write(lexeme, "word")

    def write(self, lexeme: str, after: str) -> None:
        """Writes a token on the current line."""
        self.out.append(lexeme)
        self.fresh = False
        self.after = after

    def break_line(self, count: int = 1) -> None:
        """Begins a new line, with `count` - 1 blank ones before it."""
        self.out.append("\n" * count)
        self.fresh = True

    def indent(self) -> None:
        """Writes the tabs of the current depth."""
        self.out.append("\t" * min(self.depth, DEEPEST))

    def newline(self) -> None:
        """Takes note of a line break. A comment ends at once; after an opening brace breaks do not count."""
        if self.after == "comment" and not self.fresh:
            self.break_line()
        elif self.after not in ("start", "open"):
            self.newlines += 1

    def join(self, spaced: bool) -> None:
        """Writes the line continuation, unless there is no word before it to continue."""
        if self.after == "word" and not self.newlines:
            self.out.append(" \\\n" if spaced else "\\\n")

    def separate(self, spaced: bool, *, comment: bool = False) -> None:
        """Writes what belongs before a word or a comment."""
        breaks = min(self.newlines, MOST_NEWLINES)
        self.newlines = 0
        if self.after == "close" and not breaks:
            # A comment beside a closing brace stays there, with the block's indentation: so Caddy has it.
            breaks = 2 if self.depth == 0 else 0 if comment else 1
            self.fresh = True
        if breaks:
            self.break_line(breaks)
        if self.fresh:
            self.indent()
        elif spaced:
            self.out.append(" ")

    def open(self) -> None:
        """Writes an opening brace, at the end of the line before where there is one."""
        self.newlines = 0
        if self.after == "close":
            self.break_line(2 if self.depth == 0 else 1)
        if self.fresh:
            self.indent()
        else:
            self.out.append(" ")
        self.write("{", "open")
        self.break_line()
        self.depth += 1

    def close(self) -> None:
        """Writes a closing brace on a line of its own."""
        self.newlines = 0
        if not self.fresh:
            self.break_line()
        self.depth = max(0, self.depth - 1)
        self.indent()
        self.write("}", "close")
