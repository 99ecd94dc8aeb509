"""Where the tokens of a Caddyfile begin and end. What they mean is `lexer`'s, their layout `formatter`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gojinn.caddyfile.source import Source
from gojinn.errors import ConfigError

SPACE = "\\t\\v\\f\\r \\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
"""White space within a line, inside of a character class: what Go takes for it."""


def token_pattern(atom: str, newline: str) -> re.Pattern[str]:
    """Makes the pattern of one token with the space before it; `atom` matches more that a word may hold.

    `word` comes early because most tokens are one; `angle` is a word that starts with `<<`.
    """
    return re.compile(
        rf"""[{SPACE}]*+(?:
          (?P<newline>{newline})
        | (?P<word>(?:{atom}[^{SPACE}\n\\"`#<]|<(?!<)|\\[^{SPACE}\n])
                   (?:{atom}[^{SPACE}\n\\{{]++|\{{|\\[^{SPACE}\n])*+)
        | (?P<comment>\#[^\n]*)
        | (?P<quoted>"[^"\\]*+(?:\\.[^"\\]*+)*+")
        | (?P<raw>`[^`]*`)
        | (?P<heredoc><<(?P<mark>[A-Za-z0-9_-]+)[{SPACE}]*\n(?:[^\n]*\n)*?[ \t]*(?P=mark)(?![A-Za-z0-9_-]))
        | (?P<broken>["`]|<<[^{SPACE}\n]*+[{SPACE}]*+(?:\n|\Z))
        | (?P<angle>(?:{atom}[^{SPACE}\n\\{{]++|\{{|\\[^{SPACE}\n])++)
        | (?P<join>\\\r*\n)
        | (?P<slash>\\)
        | (?P<end>\Z)
        )""",
        re.VERBOSE | re.DOTALL,
    )


TOKEN = token_pattern("", rf"\n[{SPACE}\n]*+")
"""Tokens of a text whose environment variables are filled in. Blank lines are part of the line break."""
WRITTEN = token_pattern(r"\{\$[^}]+\}|", r"\n")
"""Tokens of a text as it is written: every line break, and `{$NAME:some default}` as a part of a word."""

MARK = re.compile(r"[A-Za-z0-9_-]+")

Token = tuple[str, int, int]
"""Kind (a group of TOKEN), start and end."""


def scan(source: Source, pattern: re.Pattern[str] = TOKEN) -> Iterator[Token]:
    """Yields the tokens of a text. Raises ConfigError for a quote or heredoc that is never closed."""
    for found in pattern.finditer(source.text):
        kind = found.lastgroup
        assert kind is not None
        start, end = found.span(kind)
        if kind == "broken":
            raise broken(source, start, source.text[start:end])
        yield kind, start, end


def broken(source: Source, start: int, text: str) -> ConfigError:
    """Makes the error for an opening that does not lead to a whole token."""
    if not text.startswith("<<"):
        return source.error(
            start, f"this '{text}' is never closed", hint=f"close the text with another '{text}'"
        )
    mark = text[2:].strip()
    if mark.startswith("<"):
        return source.error(start, f"too many '<' in '{text.strip()}'", hint="write a heredoc as '<<END'")
    if not MARK.fullmatch(mark):
        message = f"wrong heredoc marker '{mark}', expected letters, digits, '-' and '_'"
        return source.error(start, message, hint="write a heredoc as '<<END', or quote the text")
    hint = f"add a line '{mark}', indented like the text"
    return source.error(start, f"heredoc '<<{mark}' is never closed", hint=hint)
