"""Pieces of Markdown that the pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Makes a table; empty without rows."""
    lines = [row_of(row) for row in rows]
    return "\n".join([row_of(head), "|---" * len(head) + "|", *lines, ""]) if lines else ""


def row_of(cells: Iterable[str]) -> str:
    """Makes one row; a pipe within a cell would end it."""
    return "| " + " | ".join(" ".join(cell.replace("|", "\\|").split()) for cell in cells) + " |"


def code(text: str) -> str:
    """Shows a text as code; empty stays empty."""
    return f"`{text}`" if text else ""


def block(text: str, language: str = "") -> str:
    """Shows lines as a block of code."""
    return f"```{language}\n{text}\n```\n"
