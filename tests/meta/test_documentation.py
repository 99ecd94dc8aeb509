"""The documentation says what the code does: generated pages are fresh, tables name what there is."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def generated(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """Makes the reference pages anew."""
    monkeypatch.syspath_prepend(str(ROOT))
    from docs.generator.pages import pages

    yield pages()
    for name in [name for name in sys.modules if name.split(".")[0] == "docs"]:
        del sys.modules[name]


def test_reference_is_what_make_docs_would_write(generated: dict[str, str]) -> None:
    for name, text in generated.items():
        assert (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8") == text, "run 'make docs'"


def test_every_operation_says_what_it_does(generated: dict[str, str]) -> None:
    told = dict(re.findall(r"(?m)^#### `([a-z_.]+)`\n\n(.*)$", generated["host-calls.md"]))
    assert {"log.write", "kv.get", "sql.query", "blob.put", "queue.publish"} <= set(told)
    assert not [name for name, text in told.items() if len(text.split()) < 3]


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) < 150


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"(?m)^\| `([^`]+)` \|[^|]*\| `([^`]+)` \|$", text)
    assert len(rows) > 10
    assert not [f"{folder}{start}" for folder, start in rows if not (ROOT / folder / start).exists()]
