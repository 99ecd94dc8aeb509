"""Regular expressions in the syntax of Caddyfiles (RE2), run by Python's engine. Matches no request."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gojinn.config.units import BadValue

CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": r"\x00-\x7F",
    "blank": r"\t ",
    "cntrl": r"\x00-\x1F\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": r"!-/:-@\[-`{-~",
    "space": r"\t\n\v\f\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}
"""POSIX classes, valid inside brackets."""

TOKEN = re.compile(
    r"""\\Q(?P<literal>.*?)(?:\\E|\Z)
    |\\x\{(?P<code>[0-9A-Fa-f]{1,6})\}
    |(?P<end>\\z)
    |(?P<property>\\[pP])
    |(?P<escape>\\.)
    |(?P<bracket>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])
    |\(\?(?P<flags>[imsU]*(?:-[imsU]+)?)\)
    |(?P<open>\((?:\?(?:P?<\w+>|[imsU-]*:))?)
    |(?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
IN_BRACKET = re.compile(r"\\.|\[:(?P<name>\^?\w+):\]|(?P<mark>[\[&~|])", re.DOTALL)
"""What needs a second look inside brackets; Python gives the marks a meaning of their own there."""
REFERENCE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>\w+)|\{(?P<braced>\w+)\})", re.ASCII)


class Translation:
    """One pass over an RE2 pattern that writes it in Python's syntax.

    The differences: `$` is the very end (without the m flag), `\\z` and `\\Q…\\E` exist, flags may be set in
    the middle of a group and hold until its end, brackets know POSIX classes.
    """

    def __init__(self, pattern: str) -> None:
        self.out: list[str] = []
        self.flags: list[list[str]] = [[]]
        """Flag groups opened in each group that is open; Python wants them closed before its bar or end."""
        self.multiline = re.search(r"\(\?[isU]*m", pattern) is not None
        for found in TOKEN.finditer(pattern):
            kind = found.lastgroup or "other"
            self.out += getattr(self, f"on_{kind}")(found[kind])
        self.out += self.close()

    def close(self) -> Iterator[str]:
        yield ")" * len(self.flags[-1])

    def on_literal(self, text: str) -> Iterator[str]:
        yield re.escape(text)

    def on_code(self, text: str) -> Iterator[str]:
        yield f"\\U{int(text, 16):08x}"

    def on_end(self, text: str) -> Iterator[str]:
        yield r"\Z"

    def on_property(self, text: str) -> Iterator[str]:
        raise re.error(f"Unicode class {text} is not supported")

    def on_escape(self, text: str) -> Iterator[str]:
        yield text

    def on_bracket(self, text: str) -> Iterator[str]:
        yield text[0] + IN_BRACKET.sub(rewrite_item, text[1:])

    def on_flags(self, text: str) -> Iterator[str]:
        self.flags[-1].append(text)
        yield f"(?{text}:"

    def on_open(self, text: str) -> Iterator[str]:
        self.flags.append([])
        yield text.replace("(?<", "(?P<")

    def on_other(self, text: str) -> Iterator[str]:
        if text == "$" and not self.multiline:
            yield r"\Z"
        elif text == ")":
            yield from self.close()
            if len(self.flags) > 1:
                self.flags.pop()
            yield text
        elif text == "|":
            yield from self.close()
            yield text
            yield from (f"(?{flags}:" for flags in self.flags[-1])
        else:
            yield text


def rewrite_item(found: re.Match[str]) -> str:
    """Writes a POSIX class as a range and escapes marks."""
    if found["mark"]:
        return "\\" + found["mark"]
    if found["name"] is None:
        return found[0]
    if found["name"] not in CLASSES:
        raise re.error(f"character class {found[0]} is not supported")
    return CLASSES[found["name"]]


def compile_regexp(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern in RE2 syntax. Raises BadValue saying what is wrong with it."""
    try:
        return re.compile("".join(Translation(pattern).out), re.ASCII)
    except (re.error, OverflowError, RecursionError) as error:
        raise BadValue(pattern, f"a regular expression ({error})") from error


def parse_regexp(text: str) -> str:
    """Checks that a text is a regular expression and returns it as it is."""
    compile_regexp(text)
    return text


def replace_all(pattern: re.Pattern[str], replacement: str, text: str) -> str:
    """Replaces every match; `$1`, `${name}` and `$$` in the replacement mean what they do in Go."""
    last = -1

    def substitute(found: re.Match[str]) -> str:
        nonlocal last
        if found.end() == last == found.start():
            return ""
        last = found.end()
        return expand(replacement, found)

    return pattern.sub(substitute, text)


def expand(replacement: str, found: re.Match[str]) -> str:
    """Fills the references of a replacement; one to a group that does not exist is empty."""

    def value(reference: re.Match[str]) -> str:
        if reference["dollar"]:
            return "$"
        name = reference["name"] or reference["braced"]
        try:
            return found[int(name) if name.isdigit() else name] or ""
        except (IndexError, ValueError):
            return ""

    return REFERENCE.sub(value, replacement)
