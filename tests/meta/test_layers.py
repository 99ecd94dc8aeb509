"""Imports point down: which package may know which."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "gojinn"

EVERYTHING = {path.stem for path in SOURCE.iterdir() if path.is_dir() or path.suffix == ".py"}
BELOW_THE_EDGE = {"functions", "trust", "observe", "config", "caddyfile", "errors"}
MAY_IMPORT = {
    "__init__": set[str](),
    "__main__": {"cli"},
    "cli": EVERYTHING - {"testing"},
    "testing": EVERYTHING,
    "process": {
        "adminapi",
        "app",
        "triggers",
        "edge",
        "engine",
        "build",
        "fabric",
        "libsql",
        "xdg",
        *BELOW_THE_EDGE,
        "locking",
    },
    "adminapi": {"triggers", "capabilities", "fabric"},
    "app": {"triggers", "edge", "engine", "capabilities", "fabric", "libsql", *BELOW_THE_EDGE},
    "edge": {"libsql", "fabric", *BELOW_THE_EDGE},
    "libsql": {"capabilities", "trust", "observe", "config", "caddyfile", "errors"},
    "triggers": {"edge", "capabilities", "fabric", *BELOW_THE_EDGE},
    "functions": {"engine", "capabilities", "trust", "observe", "config", "caddyfile", "errors"},
    "capabilities": {"fabric", "trust", "observe", "config", "caddyfile", "errors"},
    "fabric": {"observe", "config", "caddyfile", "errors"},
    "trust": {"errors"},
    "engine": {"locking", "xdg", "errors"},
    "observe": {"errors"},
    "config": {"caddyfile", "errors"},
    "caddyfile": {"errors"},
    "build": {"engine", "locking", "xdg", "errors"},
    "locking": set[str](),
    "xdg": {"errors"},
    "errors": set[str](),
}

SHARED = {
    "gojinn.engine.host",
    "gojinn.engine.outcome",
    "gojinn.engine.limits",
    "gojinn.engine.outgoing",
}
"""Plain data of the engine that upper layers speak of; importing it loads nothing of wasmtime."""


def package(path: Path) -> str:
    """Names the package, or the single module, that a file belongs to."""
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yields the modules of ours that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "gojinn":
            yield from (f"gojinn.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("gojinn."):
            yield node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("gojinn."))


FILES = sorted(SOURCE.rglob("*.py"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_point_down(path: Path) -> None:
    own = package(path)
    others = {name for name in imports(path) if name not in SHARED and name != "gojinn.__version__"}
    wrong = {name for name in others if name.split(".")[1] not in MAY_IMPORT[own] | {own}}
    assert not wrong


def test_every_package_has_its_place() -> None:
    found = {package(path) for path in FILES}
    assert found == set(MAY_IMPORT)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_the_engine_knows_wasmtime(path: Path) -> None:
    if package(path) in ("engine", "testing"):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        assert not [name for name in names if name.split(".")[0] == "wasmtime"]
