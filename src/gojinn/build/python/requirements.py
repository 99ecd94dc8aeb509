"""What a `requirements.txt` stands for, with the files that it names. Installing it is `packages`'."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

INCLUDED = re.compile(r"\s*(?:-r|-c|--requirement|--constraint)(?:\s+|=)?(.+)")
"""Lines that name another file of this kind, relative to their own."""
COMMENT = re.compile(r"(^|\s)#.*")


def digest(requirements: Path) -> str:
    """Changes with the text of a requirements file, of those that it includes and of the wheels beside it."""
    found = hashlib.sha256()
    for path in files(requirements, set()):
        with path.open("rb") as content:
            found.update(hashlib.file_digest(content, "sha256").digest())
    return found.hexdigest()


def files(requirements: Path, seen: set[Path]) -> Iterator[Path]:
    """Yields a requirements file and the files that it names, each once; what is missing is pip's to tell."""
    if requirements.resolve() in seen or not requirements.is_file():
        return
    seen.add(requirements.resolve())
    yield requirements
    text = requirements.read_text(encoding="utf-8", errors="replace").replace("\\\n", "")
    for line in (COMMENT.sub("", each).strip() for each in text.splitlines()):
        included = INCLUDED.fullmatch(line)
        if included:
            yield from files(requirements.parent / included[1].strip(), seen)
        elif line and (wheel := requirements.parent / line.split()[0]).is_file():
            yield wheel
