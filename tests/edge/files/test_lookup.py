"""Finding files: what is missing, what is forbidden, which path is the right one."""

import errno
import os
from pathlib import Path

import pytest

from gojinn.edge.files.lookup import Entry, canonical_path, find_index, look
from gojinn.edge.handler import HttpError
from gojinn.testing.edge import make_request


@pytest.mark.parametrize("name", ["none", "file/below", "x" * 300, "nul\0", "file/"])
def test_what_cannot_exist_is_missing(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    assert look(f"{tmp_path}/{name}") is None


def test_links_in_a_circle_are_a_failure(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(HttpError) as error:
        look(str(tmp_path / "a"))
    assert error.value.status == 500


def test_forbidden_is_told_from_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(errno.EACCES, "denied")

    monkeypatch.setattr(os, "stat", refuse)
    with pytest.raises(HttpError) as error:
        look("/x")
    assert error.value.status == 403


def test_first_index_that_exists_is_taken(tmp_path: Path) -> None:
    (tmp_path / "b").touch()
    found = find_index(str(tmp_path), ["a", "b", "../b"])
    assert found is not None
    assert (found.path, found.implied) == (str(tmp_path / "b"), True)


@pytest.mark.parametrize(
    ("target", "path", "implied", "expected"),
    [
        ("/dir", "/dir", True, "/dir/"),
        ("/dir/", "/dir/", True, None),
        ("/file/", "/file/", False, "/file"),
        ("/file", "/file", False, None),
        ("/old", "/dir", True, None),
        ("/pre/dir", "/dir", True, "/pre/dir/"),
        ("/d%20r", "/d r", True, "/d r/"),
    ],
)
def test_canonical_path_keeps_what_rewrites_decided(
    tmp_path: Path, target: str, path: str, implied: bool, expected: str | None
) -> None:
    request = make_request(target)
    request.path = path
    assert canonical_path(request, Entry("", tmp_path.stat(), implied)) == expected
