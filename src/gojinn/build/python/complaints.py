"""What is the matter when pip fails, told from what it says. Running it is `packages`'."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Sequence

from gojinn.errors import BuildError

PURE = "take a package in pure Python instead: a sandbox cannot load what is compiled for a machine"
SECONDS = 60
"""How long asking the index for a package may take."""
UNREACHABLE = re.compile(
    r"after connection broken by|Temporary failure in name resolution|NewConnectionError|ConnectTimeout"
    r"|Max retries exceeded|Connection refused|Network is unreachable|ReadTimeout|ProxyError"
)
NOT_FOUND = re.compile(r"No matching distribution found for ([A-Za-z0-9._-]+)")
NEEDED = re.compile(r"requirement (\S+)==\S+ \(from (?!-r |versions: )")
VERSIONS = re.compile(r"\(from versions: (?!none\))([^)]*)\)")

KNOWN: tuple[tuple[str, str, str], ...] = (
    ("No module named pip", "there is no pip", f"run '{sys.executable} -m ensurepip'"),
    ("No space left on device", "the disk is full", "free some space, then build again"),
    (
        "DO NOT MATCH THE HASHES",
        "a package is not the one whose hash is written down",
        "compare the hashes with those of the index: somebody changed the package, or the requirement",
    ),
    (
        "Hashes are required",
        "some packages have hashes, others have none",
        "write hashes for all, or for none",
    ),
    (
        "In --require-hashes mode",
        "a package with a hash has no version",
        "write 'name==version' where hashes are written",
    ),
    ("is not a supported wheel", "a wheel is not in pure Python", PURE),
    (
        "ResolutionImpossible",
        "packages need versions of another that exclude each other",
        "allow more versions of those that are named above",
    ),
    (
        "Could not open requirements file",
        "a file that it includes cannot be read",
        "correct the line with '-r'",
    ),
    ("Invalid requirement", "a line is no requirement", "write one package a line, such as 'name==1.2'"),
)
"""Words of pip's, what they mean, and what to do."""


def complaint(name: str, said: str, indexes: Sequence[str] = ()) -> BuildError:
    """The error for what pip said of the requirements file of that name, which names indexes by options."""
    reason, hint = reasons(said, indexes)
    text = f"{name}: pip cannot get it\n{said}" if not reason else f"{name}: {reason}\n{said}"
    return BuildError(text, hint=hint)


def reasons(said: str, indexes: Sequence[str]) -> tuple[str, str | None]:
    """What is the matter, and what to do; nothing for what only pip's own words can tell."""
    for words, reason, hint in KNOWN:
        if words in said:
            return reason, hint
    if UNREACHABLE.search(said):
        hint = "see that there is a network, or name another index in pip's own settings"
        return "the package index cannot be reached", hint
    wanted = NOT_FOUND.search(said)
    if wanted is None:
        return "", None
    package = wanted[1]
    if NEEDED.search(said):
        return f"'{package}' has no wheel in pure Python of the version that another package needs", PURE
    if VERSIONS.search(said):
        return f"there is no such version of '{package}' for Python in a sandbox", "take one of those above"
    if is_known(package, indexes):
        return f"'{package}' has no wheel in pure Python", PURE
    return f"there is no package '{package}'", "correct its name"


def is_known(package: str, indexes: Sequence[str]) -> bool:
    """Asks the index whether it has a package in any form, be it one that no machine here could load."""
    command = [sys.executable, "-m", "pip", "index", "versions", "-vv", "--disable-pip-version-check"]
    try:
        asked = subprocess.run(
            [*command, *indexes, "--", package], capture_output=True, timeout=SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return False
    return asked.returncode == 0 or b"Skipping link: none of the wheel's tags" in asked.stdout
