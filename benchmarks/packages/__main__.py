"""Tries packages that others published in functions: builds each, runs it once and looks at its answer.

`python -m benchmarks.packages [language[:word] …]`. What is tried is in the tables beside this file; what
came of it goes into `docs/guides/packages.md`. Needs the registries, so nothing else runs it.
"""

from __future__ import annotations

import sys
import tempfile
import tomllib
from pathlib import Path

from benchmarks.packages import page, trial

HERE = Path(__file__).parent


def main(words: list[str]) -> int:
    """Tries the tables of these names, or all; of a table only what has a word in its packages' names."""
    wanted = dict((*word.split(":", 1), "")[:2] for word in words)
    failed = 0
    for path in sorted(HERE.glob("*.toml")):
        if wanted and path.stem not in wanted:
            continue
        table = tomllib.loads(path.read_text())
        word = wanted.get(path.stem, "")
        with tempfile.TemporaryDirectory(prefix="gojinn-packages-") as scratch:
            results = [
                trial.run(table, each, Path(scratch))
                for each in table["try"]
                if any(word in name for name in each["packages"])
            ]
        failed += sum(not result.held for result in results)
        if not word:
            page.write(path.stem, results)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
