"""Content types by extension."""

from pathlib import Path

import pytest

from gojinn.edge.files.mime import content_type, read_globs, read_types


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("/a/b.html", "text/html; charset=utf-8"),
        ("/a.JS", "text/javascript; charset=utf-8"),
        ("/a.wasm", "application/wasm"),
        ("/a.html/b", ""),
        ("/a.", ""),
        ("/noext", ""),
        ("/a.no-such-extension", ""),
    ],
)
def test_known_everywhere(name: str, kind: str) -> None:
    assert content_type(name) == kind


def test_database_of_globs(tmp_path: Path) -> None:
    path = tmp_path / "globs2"
    path.write_text("# comment\n80:text/a:*.a\n50:text/b:*.b:cs\n50:text/c:README*\n50:text/d:*.[de]\n5:x\n")
    assert read_globs(str(path)) == [(".a", "text/a"), (".b", "text/b")]


def test_list_of_types(tmp_path: Path) -> None:
    path = tmp_path / "mime.types"
    path.write_bytes(b"# comment\ntext/a a aa # more\ntext/b\n\xff\xfe bad\n")
    assert dict(read_types(str(path)))[".aa"] == "text/a"


def test_missing_files_hold_nothing(tmp_path: Path) -> None:
    assert list(read_types(str(tmp_path / "none"))) == read_globs(str(tmp_path)) == []
