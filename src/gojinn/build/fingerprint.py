"""Tells whether a module on disk is what its sources would give, by content. Compiles nothing."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from gojinn.build.project import MANIFEST, Project


def fingerprint(
    project: Project, suffixes: Sequence[str], recipe: Sequence[str], sdks: Sequence[Path]
) -> str:
    """Hashes what a build depends on: the compiler with its arguments, each source's path and content, those
    of the SDKs too. Where the function's folder is does not count."""
    words = (word.replace(str(project.folder), ".") for word in recipe)
    digest = hashlib.sha256("\0".join(words).encode(errors="surrogateescape"))
    for folder in (project.folder, *sdks):
        for path in sources(folder, tuple(suffixes)):
            digest.update(f"\0{path.relative_to(folder)}\0".encode(errors="surrogateescape"))
            with path.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


SKIPPED = ("node_modules",)
"""Folders that hold no sources of the function's own."""


def sources(folder: Path, suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Yields the manifest and the sources below a folder in a fixed order, without hidden ones, and without
    what is no file: a pipe would be waited for, a link to nowhere has nothing to read."""
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in SKIPPED)
        for name in sorted(files):
            path = Path(where, name)
            wanted = name == MANIFEST or (name.endswith(suffixes) and not name.startswith("."))
            if wanted and path.is_file():
                yield path


def is_built(project: Project, mark: str) -> bool:
    """Tells whether the output was built from what `mark` stands for and was not replaced since."""
    try:
        return record(project).read_text() == entry(project, mark)
    except OSError:
        return False


def remember(project: Project, mark: str) -> None:
    """Notes that the output is now what `mark` stands for."""
    record(project).write_text(entry(project, mark))


def record(project: Project) -> Path:
    """Returns the file that holds the note."""
    return project.scratch / "built"


def entry(project: Project, mark: str) -> str:
    """Joins the mark with the output's size and time, so a replaced output is noticed."""
    stat = project.output.stat()
    return f"{mark} {stat.st_size} {stat.st_mtime_ns}\n"
