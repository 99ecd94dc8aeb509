"""Rules for files: names, module docstrings, nothing of the machine that they were written on."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
VAGUE = re.compile(r"(.*_)?(utils?|helpers?|common|misc|base|managers?|stuff)")
TEXT = {".py", ".c", ".h", ".md", ".toml", ".go", ".rs", ".zig", ".html", ".css", ".js", ".svg", ".json", ""}
MODULES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def committed() -> list[Path]:
    """Lists the text files under version control; all of them where there is no git."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    names = listing.stdout.split("\0") if listing.returncode == 0 else map(relative, [*MODULES, *TESTS])
    paths = (ROOT / name for name in names if name)
    return [path for path in paths if path.suffix in TEXT and path.is_file()]


@pytest.mark.parametrize("path", [*MODULES, *TESTS], ids=relative)
def test_a_modules_name_says_what_it_is_about(path: Path) -> None:
    assert not VAGUE.fullmatch(path.stem)
    assert path.stem in ("__init__", "__main__") or not path.stem.startswith("_")
    assert path.stem == path.stem.lower()


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_opens_with_a_docstring(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_no_file_is_larger_than_one_subject(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 450


def test_nothing_names_the_machine_that_it_was_written_on() -> None:
    places = {str(ROOT), str(Path.home())} - {"/", "/root"}
    for path in committed():
        text = path.read_text(encoding="utf-8", errors="replace")
        assert not [place for place in places if place + "/" in text], relative(path)


def test_work_to_do_is_not_left_in_the_source() -> None:
    mark = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X")) + r")\b")
    for path in MODULES:
        assert not mark.search(path.read_text(encoding="utf-8")), relative(path)
