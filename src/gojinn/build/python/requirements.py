"""What a `requirements.txt` stands for, with the files that it names. Installing it is `packages`'."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

INCLUDED = re.compile(r"\s*(?:-r|-c|--requirement|--constraint)(?:\s+|=)?(.+)")
"""Lines that name another file of this kind, relative to their own."""
INDEX = re.compile(r"(-i|--index-url|--extra-index-url|--trusted-host)(?:\s+|=)(\S+)")
"""Lines that name an index."""
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
    for line in lines(requirements):
        included = INCLUDED.fullmatch(line)
        if included:
            yield from files(requirements.parent / included[1].strip(), seen)
        elif line and (wheel := requirements.parent / line.split()[0]).is_file():
            yield wheel


def lines(requirements: Path) -> Iterator[str]:
    """Yields what a file says, without comments."""
    text = requirements.read_text(encoding="utf-8", errors="replace").replace("\\\n", "")
    yield from (COMMENT.sub("", line).strip() for line in text.splitlines())


def indexes(requirements: Path) -> list[str]:
    """Options for pip that name the indexes which a requirements file and those that it includes do."""
    texts = (path for path in files(requirements, set()) if path.suffix != ".whl")
    found = (INDEX.fullmatch(line) for path in texts for line in lines(path))
    return [part for each in found if each for part in each.groups()]
