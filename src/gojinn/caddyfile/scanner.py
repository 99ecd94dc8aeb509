"""Where the tokens of a Caddyfile begin and end. What they mean is `lexer`'s, their layout `formatter`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gojinn.caddyfile.source import Source
from gojinn.errors import ConfigError

SPACE = "\\t\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
"""White space within a line, inside of a character class: what Go takes for it."""

TOKEN = re.compile(
    rf"""[{SPACE}]*+(?:
      (?P<newline>\n)
    | (?P<word>(?:[^{SPACE}\n\\"`#<]|<(?!<)|\\[^{SPACE}\n])(?:[^{SPACE}\n\\]++|\\[^{SPACE}\n])*+)
    | (?P<comment>\#[^\n]*)
    | (?P<quoted>"[^"\\]*+(?:\\.[^"\\]*+)*+")
    | (?P<raw>`[^`]*`)
    | (?P<heredoc><<(?P<mark>[A-Za-z0-9_-]+)\r*\n(?:[^\n]*\n)*?[ \t]*(?P=mark)(?![A-Za-z0-9_-]))
    | (?P<broken>["`]|<<[^ \n]*\n)
    | (?P<angle>(?:[^{SPACE}\n\\]++|\\[^{SPACE}\n])++)
    | (?P<join>\\\r*\n)
    | (?P<slash>\\)
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
"""One token with the space before it. Most are a `word`; `angle` is a word that starts with `<<`."""

MARK = re.compile(r"[A-Za-z0-9_-]+")

Token = tuple[str, int, int]
"""Kind (a group of TOKEN), start and end."""


def scan(source: Source) -> Iterator[Token]:
    """Yields the tokens of a text. Raises ConfigError for a quote or heredoc that is never closed."""
    for found in TOKEN.finditer(source.text):
        kind = found.lastgroup
        assert kind is not None
        start, end = found.span(kind)
        if kind == "broken":
            raise broken(source, start, source.text[start:end])
        yield kind, start, end


def broken(source: Source, start: int, text: str) -> ConfigError:
    """Makes the error for an opening that does not lead to a whole token."""
    if not text.startswith("<<"):
        return source.error(start, f"{text} is never closed", hint=f"close the text with another {text}")
    mark = text[2:].rstrip("\r\n")
    if mark.startswith("<"):
        return source.error(start, f"too many '<' in '{text.strip()}'", hint="write a heredoc as '<<END'")
    if not MARK.fullmatch(mark):
        message = f"wrong heredoc marker '{mark}', expected letters, digits, '-' and '_'"
        return source.error(start, message, hint="write a heredoc as '<<END', or quote the text")
    hint = f"add a line '{mark}', indented like the text"
    return source.error(start, f"heredoc '<<{mark}' is never closed", hint=hint)
