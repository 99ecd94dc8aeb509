"""The stamp of the C sources that a native library is built of.

The build backend writes it, before there is a package, so nothing else of that is needed here. `library`
compares it.
"""

from __future__ import annotations

import hashlib
from pathlib import Path


def stamp(folder: Path) -> int:
    """64 bits of a hash over the names and contents of all sources in a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.glob("*.[ch]")):
        data = path.read_bytes()
        found.update(b"%s %d\n" % (path.name.encode(), len(data)) + data)
    return int.from_bytes(found.digest()[:8], "big")
