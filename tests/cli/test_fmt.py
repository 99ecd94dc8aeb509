"""`gojinn fmt`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Run = Callable[..., Any]
MESSY, TIDY = ":80 {\nrespond   hi\n}\n", ":80 {\n\trespond hi\n}\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "Caddyfile"
    path.write_text(MESSY)
    return path


def test_prints_and_leaves_the_file(gojinn: Run, file: Path) -> None:
    assert gojinn("fmt", file).out == TIDY
    assert file.read_text() == MESSY


def test_takes_the_folder_for_the_file(gojinn: Run, file: Path) -> None:
    assert gojinn("fmt", file.parent).out == TIDY


def test_overwrites_and_keeps_the_mode(gojinn: Run, file: Path) -> None:
    file.chmod(0o640)
    done = gojinn("fmt", "--overwrite", file)
    assert (done.code, done.out) == (0, "")
    assert file.read_text() == TIDY
    assert file.stat().st_mode & 0o777 == 0o640
    assert [path.name for path in file.parent.iterdir()] == ["Caddyfile"]


def test_overwrites_what_a_link_leads_to(gojinn: Run, file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    gojinn("fmt", "--overwrite", link)
    assert link.is_symlink()
    assert file.read_text() == TIDY


def test_diff_shows_changes_and_says_so_by_its_exit_code(gojinn: Run, file: Path) -> None:
    changed = gojinn("fmt", "--diff", file)
    assert changed.code == 1
    assert "-respond   hi\n+\trespond hi\n" in changed.out
    file.write_text(TIDY)
    assert gojinn("fmt", "--diff", file) == (0, "", "")


def test_formats_standard_input(gojinn: Run) -> None:
    assert gojinn("fmt", "-", stdin=MESSY.encode()).out == TIDY


def test_standard_input_cannot_be_overwritten(gojinn: Run) -> None:
    assert gojinn("fmt", "-", "--overwrite").code == 2


@pytest.mark.parametrize("text", [b"", b"\n\n", b"\xff\xfe", b'"open', b"{" * 5000, b"\0"])
def test_bad_input_ends_in_an_error_or_in_text(gojinn: Run, text: bytes) -> None:
    assert gojinn("fmt", "-", stdin=text).code in (0, 3)


def test_missing_file_is_told(gojinn: Run, tmp_path: Path) -> None:
    missing = gojinn("fmt", tmp_path / "nope")
    assert missing.code == 1
    assert "no such file" in missing.err
