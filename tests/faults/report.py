"""What the fault tests have found, and the table in docs/design/durability.md that shows it."""

from __future__ import annotations

import dataclasses
import json
import os
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "design" / "durability.md"
WRITE = "GOJINN_FAULTS"
"""Environment variable: `write` has the long tests write their figures into the page."""


@dataclass(frozen=True)
class Tally:
    """Counts of one test."""

    kills: dict[str, int] = field(default_factory=dict)
    jobs: int = 0
    """Acknowledged jobs."""
    writes: int = 0
    """Acknowledged writes of keys."""
    unknown: int = 0
    """Attempts of producers without an answer, which they made again."""
    lost_jobs: int = 0
    lost_keys: int = 0
    again: int = 0
    """Runs of jobs beyond the first, all under the id of the job."""
    strangers: int = 0
    """Jobs that were run and of which no producer was told that they are stored."""

    def with_another(self, other: Tally) -> Tally:
        """Adds the counts of another test."""
        both = {
            each.name: getattr(self, each.name) + getattr(other, each.name)
            for each in dataclasses.fields(self)
            if each.name != "kills"
        }
        return Tally(kills=dict(Counter(self.kills) + Counter(other.kills)), **both)


ROWS = {
    "crashes": "`kill -9`, at random: {kills}",
    "power": "power cut under load, {kills[power]} times",
}


def publish(name: str, tally: Tally) -> None:
    """Prints the figures, and writes them into the page when that is wanted."""
    print(json.dumps({name: dataclasses.asdict(tally)}))
    if os.environ.get(WRITE) == "write":
        lines = PAGE.read_text(encoding="utf-8").splitlines()
        start = f"| {ROWS[name][:8]}"
        at = next(number for number, line in enumerate(lines) if line.startswith(start))
        lines[at] = row(name, tally)
        PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


def row(name: str, tally: Tally) -> str:
    """Writes a row of the table."""
    kills = ", ".join(f"{victim} {count}" for victim, count in sorted(tally.kills.items()))
    what = ROWS[name].format(kills=kills) if name == "crashes" else ROWS[name].format(kills=tally.kills)
    counts = (tally.jobs, tally.writes, tally.lost_jobs, tally.lost_keys, tally.again)
    return f"| {what} | " + " | ".join(f"{count:,}" for count in counts) + " |"
