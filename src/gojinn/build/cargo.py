"""Functions in Rust that use crates: what their `Cargo.toml` says, and the run of cargo. Finds no rustc."""

from __future__ import annotations

import json
import os
import shutil
import tomllib
from pathlib import Path
from typing import Any

from gojinn.build.language import Command, Toolchain
from gojinn.build.project import Project

MANIFEST = "Cargo.toml"
SDK = "gojinn"
"""The crate that is there without cargo."""


def described(folder: Path) -> dict[str, Any]:
    """What the folder's `Cargo.toml` says; nothing where it is missing or none, which cargo tells better."""
    try:
        return tomllib.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def has_crates(folder: Path) -> bool:
    """Whether a function needs crates, and so cargo. The SDK alone does not count."""
    dependencies = described(folder).get("dependencies")
    return isinstance(dependencies, dict) and bool(dependencies.keys() - {SDK})


def beside(compiler: Path) -> Path | None:
    """Finds the cargo of a compiler; those of other versions may ask for what it does not know."""
    path = compiler.with_name("cargo")
    if os.access(path, os.X_OK):
        return path
    found = shutil.which("cargo")
    return Path(found) if found else None


def command(toolchain: Toolchain, project: Project, *flags: str) -> Command:
    """Builds with the profile of a release. Crates come from where the user's cargo gets them."""
    compiler = Path(toolchain.argv[0])
    _, target, *linking = toolchain.flags
    kept = project.scratch / "rust" / "target"
    rustflags = json.dumps([*linking, *flags])
    argv = [str(beside(compiler) or "cargo"), "build", "--quiet", "--color", "never", "--release"]
    argv += [
        "--target",
        target,
        "--target-dir",
        str(kept),
        "--config",
        f"target.{target}.rustflags={rustflags}",
    ]
    name = program(described(project.folder), project.name)
    environment = {"RUSTC": str(compiler)}
    return Command(tuple(argv), environment, kept / target / "release" / f"{name}.wasm")


def program(manifest: dict[str, Any], usual: str) -> str:
    """What cargo calls the program: its first one, or the package."""
    package = manifest.get("package")
    named = package.get("name", usual) if isinstance(package, dict) else usual
    binaries = manifest.get("bin")
    first = binaries[0] if isinstance(binaries, list) and binaries else {}
    return str(first.get("name", named)) if isinstance(first, dict) else str(named)
