"""Keeps what came of the tries in the guide to packages, a table for each language. Tries nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.readme import between

if TYPE_CHECKING:
    from benchmarks.packages.trial import Result

PAGE = Path(__file__).parents[2] / "docs/guides/packages.md"


def write(language: str, results: Iterable[Result], page: Path = PAGE) -> None:
    """Puts a language's table in its place."""
    text = page.read_text(encoding="utf-8")
    page.write_text(between(text, language, rows(results)), encoding="utf-8")


def rows(results: Iterable[Result]) -> Iterator[str]:
    """A line for each try."""
    yield "| packages | |"
    yield "|---|---|"
    for result in results:
        names = ", ".join(f"`{name}`" for name in result.packages)
        what = f" ({result.what})" if result.what else ""
        if not result.held:
            said = "does not run"
        elif result.runs:
            said = "runs"
        else:
            said = f"refused: use {result.instead}"
        yield f"| {names}{what} | {said} |"
