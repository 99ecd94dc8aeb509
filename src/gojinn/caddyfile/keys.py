"""What stands before a top-level block: its addresses, on one or more lines. Does not know what they mean."""

from __future__ import annotations

from collections.abc import Sequence

from gojinn.caddyfile.braces import alone, is_brace, opens_block
from gojinn.caddyfile.lexer import Line
from gojinn.caddyfile.tree import Word

Keys = tuple[list[Word], Word | None, int]
"""The keys, the brace that opens the block if there is one, and the line after it."""


def read_keys(lines: Sequence[Line], at: int) -> Keys:
    """Reads the keys of the block that begins at line `at`. No keys: a block of global options."""
    if is_brace(lines[at][0], "{"):
        alone(lines[at])
        return [], lines[at][0], at + 1
    if is_brace(lines[at][0], "}"):
        raise lines[at][0].error("unexpected '}': no block is open", hint="remove it")
    keys: list[Word] = []
    while True:
        line = lines[at]
        opening = line[-1] if opens_block(line) else None
        words = line if opening is None else line[:-1]
        keys += [key for word in words if (key := read_key(word)) is not None]
        at += 1
        if not words[-1].text.endswith(","):
            break
        expect_another(words[-1], opening, lines, at)
    if opening is None and at < len(lines) and is_brace(lines[at][0], "{"):
        alone(lines[at])
        opening, at = lines[at][0], at + 1
    return keys, opening, at


def read_key(word: Word) -> Word | None:
    """Takes the comma off a key; returns None for a comma that stands alone."""
    if not word.text:
        raise word.error("the address is empty", hint="write an address such as ':8080' or 'localhost'")
    text = word.text.removesuffix(",")
    if "," in text:
        message = f"comma inside of the address '{word.text}'"
        raise word.error(message, hint="put a space after the comma to separate addresses")
    return Word(text, word.place, word.source, word.quoted) if text else None


def expect_another(comma: Word, opening: Word | None, lines: Sequence[Line], at: int) -> None:
    """Raises ConfigError unless the next line goes on with addresses."""
    if opening is not None or (at < len(lines) and is_brace(lines[at][0], "{")):
        brace = lines[at][0] if opening is None else opening
        raise brace.error("expected another address after the comma, given '{'", hint="remove the comma")
    if at == len(lines):
        raise comma.error("unexpected end of file: expected another address after the comma")


def is_snippet(keys: Sequence[Word]) -> bool:
    """Tells whether the keys are the name of a snippet, `(name)`."""
    return len(keys) == 1 and keys[0].text.startswith("(") and keys[0].text.endswith(")")
