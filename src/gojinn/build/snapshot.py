"""Makes a snapshot of a compiled module: `python -m gojinn.build.snapshot MODULE`, which is replaced.

For functions whose manifest says `snapshot = true`. What interpreters are made with is `interpret`'s.
"""

from __future__ import annotations

import sys
from pathlib import Path

from gojinn.build.language import Command
from gojinn.engine.snapshot import Preparation, snapshot
from gojinn.errors import GojinnError

INIT = "gojinn_init"
"""What a module exports to be run once, when it is built."""
RESUME = "gojinn_resume"
"""What it may export to be run for each request instead of `_start`, which would begin anew."""
PREPARATION = Preparation(INIT, resume=RESUME, random=False)


def command(module: Path) -> Command:
    """The run that makes a snapshot of a module."""
    return Command((sys.executable, "-P", "-m", "gojinn.build.snapshot", str(module)))


def main(path: Path) -> int:
    """Replaces the module; what it logged, and what is wrong, goes to stderr."""
    try:
        module, messages = snapshot(path.read_bytes(), path.name, PREPARATION)
    except GojinnError as error:
        hint = error.hint or "see 'Snapshots' in docs/guides/languages.md"
        said = (getattr(error, "output", ""), error.message, f"hint: {hint}")
        print(*filter(None, said), sep="\n", file=sys.stderr)
        return 1
    path.write_bytes(module)
    if messages.entries:
        print(messages.text(), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
