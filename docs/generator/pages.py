"""The list of reference pages. What stands on each is its own module's."""

from __future__ import annotations

from pathlib import Path

from docs.generator import commands, directives, options

FOLDER = Path(__file__).parents[1] / "reference"

NOTE = "<!-- Written by `make docs` from the code; changes here are lost. -->\n\n"


def pages() -> dict[str, str]:
    """Makes every page: file name → text."""
    made = {"cli.md": commands.page(), "directives.md": directives.page(), "options.md": options.page()}
    return {name: NOTE + text for name, text in made.items()}
