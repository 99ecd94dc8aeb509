"""The list of reference pages. What stands on each is its own module's."""

from __future__ import annotations

from pathlib import Path

from docs.generator import commands, directives, errors, hostcalls, limits, options

FOLDER = Path(__file__).parents[1] / "reference"

NOTE = "<!-- Written by `make docs` from the code; changes here are lost. -->\n\n"


def pages() -> dict[str, str]:
    """Makes every page: file name → text."""
    modules = {
        "cli": commands,
        "directives": directives,
        "errors": errors,
        "host-calls": hostcalls,
        "limits": limits,
        "options": options,
    }
    return {f"{name}.md": NOTE + module.page() for name, module in modules.items()}
