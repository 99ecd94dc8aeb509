"""Text inside HTML pages, escaped as Go's html package escapes it. Holds no pages."""

from __future__ import annotations

ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&#34;", "'": "&#39;"})


def escape_html(text: str) -> str:
    """Escapes text for an element or a quoted attribute."""
    return text.translate(ESCAPES)
