"""Keeps the figures that the project's README shows as they were measured last. Measures nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from benchmarks.report import languages

README = Path(__file__).parents[1] / "README.md"


def write(results: dict[str, Any], readme: Path = README) -> None:
    """Puts the table of languages in its place, if they were measured."""
    if rows := results.get("languages"):
        text = readme.read_text(encoding="utf-8")
        readme.write_text(between(text, "languages", languages(rows)), encoding="utf-8")


def between(text: str, name: str, lines: Iterable[str]) -> str:
    """The text with other lines between the marks of that name. Raises ValueError where they are missing."""
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    pattern = re.compile(f"(?<={re.escape(begin)}).*?(?={re.escape(end)})", re.DOTALL)
    changed, count = pattern.subn(lambda _: "".join(f"{line}\n" for line in lines), text)
    if count != 1:
        raise ValueError(f"the marks '{begin.strip()}' and '{end.strip()}' are there {count} times")
    return changed
