"""Which version a compiler is, and whether that one will do. Finds no compiler."""

from __future__ import annotations

import re
import subprocess

from gojinn.build.language import Language, Toolchain

TIMEOUT = 20
"""Seconds that a compiler may take to tell its version; the first start after an installation is slow."""


def ask(language: Language, toolchain: Toolchain) -> str:
    """Has a compiler tell its version, in its own words. Raises OSError or subprocess.TimeoutExpired."""
    command = [*toolchain.argv, *language.version]
    said = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=TIMEOUT).stdout
    return said.strip().splitlines()[0] if said.strip() else "unknown version"


def complaint(language: Language, said: str) -> str:
    """Says what is wrong with a version, if anything is. One that cannot be read is let through."""
    oldest, newer = language.versions
    found = re.search(r"\d+(\.\d+)+", said)
    if found is None:
        return ""
    if parts(found[0]) < parts(oldest):
        return f"{language.title} {found[0]} is too old, expected {wanted(language)}"
    if newer and parts(found[0]) >= parts(newer):
        return f"{language.title} {found[0]} is too new, expected {wanted(language)}"
    return ""


def wanted(language: Language) -> str:
    """Writes which versions will do."""
    oldest, newer = language.versions
    return f"{oldest} or newer, older than {newer}" if newer else f"{oldest} or newer"


def parts(version: str) -> tuple[int, ...]:
    """Reads a version's numbers."""
    return tuple(int(part) for part in version.split("."))
