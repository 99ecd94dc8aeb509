"""Where braces may stand on a line, and which line closes a block. What is inside is `parser`'s."""

from __future__ import annotations

from collections.abc import Sequence

from gojinn.caddyfile.lexer import Line
from gojinn.caddyfile.tree import Word
from gojinn.errors import ConfigError


def is_brace(word: Word, brace: str) -> bool:
    """Tells whether a word is this brace, not text in quotes."""
    return word.text == brace and not word.quoted


def opens_block(line: Line) -> bool:
    """Tells whether a line ends with the brace of a block. Raises ConfigError for a brace out of place."""
    for word in line:
        text = word.text
        if (text.endswith("{") or text == "}" or text == "{}") and not word.quoted:
            check_brace(line, word)
    return is_brace(line[-1], "{")


def check_brace(line: Line, word: Word) -> None:
    """Raises ConfigError unless this brace is the one that ends its line after other words."""
    if word.text == "}":
        raise word.error("unexpected '}' after other words", hint="put it on a line of its own")
    if word is line[-1]:
        if word.text == "{}":
            raise word.error("unexpected '{}' at the end of a line", hint="leave it out, or quote it")
        if word.text != "{":
            raise word.error(
                f"no space before the '{{' of '{word.text}'", hint="put a space there, or quote it"
            )
        if word is line[0]:
            raise word.error(
                "unexpected '{' on a line of its own", hint="move it to the end of the line before"
            )
    elif word.text == "{":
        following = line[next(i for i, each in enumerate(line) if each is word) + 1]
        message = f"unexpected '{following.text}' after '{{' on the same line"
        raise following.error(message, hint="begin the block on a new line, or quote the '{'")


def alone(line: Line) -> None:
    """Raises ConfigError when something follows a brace that must be alone on its line."""
    if len(line) > 1:
        brace, following = line[0].text, line[1]
        message = f"unexpected '{following.text}' after '{brace}' on the same line"
        raise following.error(message, hint="put it on a new line")


def closing_line(lines: Sequence[Line], at: int, opening: Word) -> int:
    """Finds the line of the brace that closes the block whose inside begins at line `at`."""
    depth = 1
    for index in range(at, len(lines)):
        line = lines[index]
        if is_brace(line[0], "}"):
            alone(line)
            depth -= 1
            if depth == 0:
                return index
        elif opens_block(line):
            depth += 1
    raise unclosed(opening)


def unclosed(opening: Word) -> ConfigError:
    """Makes the error for a block without an end."""
    return opening.error(
        "unexpected end of file: this '{' is never closed", hint="add a '}' on a line of its own"
    )
