"""Path patterns with wildcards as Caddy reads them, made into regular expressions. Matches no request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote

ATOM = re.compile(
    r"(?P<star>\*)|(?P<any>\?)|(?P<escaped>\\.)|(?P<set>\[\^?(?:\\.|[^\]\\])+\])|(?P<plain>[^\\\[])",
    re.DOTALL,
)
"""One unit of a glob; a backslash at the end and an open bracket are none."""
RAW_ATOM = re.compile(
    r"(?P<rawstar>%\*)|(?P<star>\*)|(?P<code>%[0-9a-f]{2})|(?P<plain>[^%*])|(?P<percent>%)", re.DOTALL
)


def compile_glob(pattern: str) -> re.Pattern[str] | None:
    """Compiles a glob as Go's path.Match reads it: `*`, `?`, `[a-z]`, none of which matches a slash.

    Returns None for a malformed one, which matches nothing.
    """
    atoms = list(ATOM.finditer(pattern))
    if sum(len(atom[0]) for atom in atoms) != len(pattern):
        return None
    try:
        return re.compile(join((atom.lastgroup == "star", glob_atom(atom)) for atom in atoms), re.DOTALL)
    except re.error:
        return None


def glob_atom(atom: re.Match[str]) -> str:
    """Translates one unit of a glob."""
    text = atom[0]
    if atom.lastgroup in ("star", "any"):
        return "[^/]"
    if atom.lastgroup == "set":
        return text if text.startswith("[^") else f"(?!/){text}"
    return re.escape(text[-1])


def compile_escaped(pattern: str) -> re.Pattern[str]:
    """Compiles a pattern with `%` for the escaped path.

    What it escapes must be escaped in the path, everything else may be; `%*` spans escaped slashes, which
    `*` does not. Both sides are in lower case.
    """
    atoms = RAW_ATOM.finditer(pattern)
    return re.compile(
        join((atom.lastgroup in ("star", "rawstar"), escaped_atom(atom)) for atom in atoms), re.DOTALL
    )


def escaped_atom(atom: re.Match[str]) -> str:
    """Translates one unit of a pattern for the escaped path."""
    text = atom[0]
    if atom.lastgroup == "rawstar":
        return "[^/]"
    if atom.lastgroup == "star":
        return "(?:%(?!2f)[0-9a-f]{2}|[^/%])"
    if atom.lastgroup != "plain":
        return re.escape(text)
    codes = "".join(f"%{byte:02x}" for byte in text.encode("utf-8", "surrogateescape"))
    return f"(?:{re.escape(text)}|{codes}|{re.escape(quote(text.upper()).lower())})"


def join(atoms: Iterable[tuple[bool, str]]) -> str:
    """Joins translated units; those marked True may repeat.

    What stands between two of these is taken where it first fits and never tried again, which is right for
    globs and keeps a hostile path from costing more than its length squared.
    """
    head, *chunks = split_runs(atoms)
    if not chunks:
        return head[1]
    middle = "".join(f"(?>{star}*?{text})" for star, text in chunks[:-1])
    star, text = chunks[-1]
    return f"{head[1]}{middle}{star}*{text}"


def split_runs(atoms: Iterable[tuple[bool, str]]) -> list[tuple[str, str]]:
    """Splits units at each repeated one: pairs of that and what follows, the first pair without."""
    runs = [["", ""]]
    for repeats, text in atoms:
        if repeats:
            runs.append([text, ""])
        else:
            runs[-1][1] += text
    return [(star, text) for star, text in runs]
