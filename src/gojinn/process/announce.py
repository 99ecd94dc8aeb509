"""Tells that the program serves: a summary for people on a terminal, one log record for everything else."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass

from gojinn import __version__
from gojinn.observe import log

MOST_URLS = 20
"""URLs that a summary shows; the rest is counted."""
BOLD, DIM, CYAN, RESET = "\033[1m", "\033[2m", "\033[36m", "\033[0m"

logger = log.get("gojinn.supervisor")


@dataclass(frozen=True, slots=True)
class Ready:
    """What there is to tell."""

    urls: tuple[str, ...]
    admin: str | None
    workers: int
    seconds: float
    """From the start of the program."""


def announce(ready: Ready) -> None:
    """Tells it, once connections are accepted."""
    if sys.stderr.isatty():
        text = summary(ready)
        sys.stderr.write(plain(text) if os.environ.get("NO_COLOR") else text)
        sys.stderr.flush()
    else:
        logger.info(
            "serving",
            urls=ready.urls,
            admin=ready.admin,
            workers=ready.workers,
            seconds=round(ready.seconds, 3),
        )


def summary(ready: Ready) -> str:
    """Writes the lines for a terminal."""
    workers = f"{ready.workers} worker{'' if ready.workers == 1 else 's'}"
    more = len(ready.urls) - MOST_URLS
    lines = [
        f"{BOLD}gojinn {__version__}{RESET} serves {DIM}({workers}, ready in {ready.seconds:.2f} s){RESET}",
        *(f"  {CYAN}{url}{RESET}" for url in ready.urls[:MOST_URLS]),
        *([f"  {DIM}and {more} more{RESET}"] if more > 0 else []),
        *([f"  {DIM}admin {ready.admin}{RESET}"] if ready.admin else []),
        f"{DIM}Ctrl-C stops it{RESET}",
    ]
    return "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """Takes the colours away."""
    for code in (BOLD, DIM, CYAN, RESET):
        text = text.replace(code, "")
    return text
