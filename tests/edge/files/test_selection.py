"""Choosing files: names from clients cannot be wildcards, nor lead out of the root."""

from pathlib import Path

import pytest

from gojinn.edge.files.selection import Selection, Selector
from gojinn.edge.handler import HttpError
from gojinn.testing.edge import make_request


def choose(
    root: Path, target: str, *names: str, policy: str = "first_exist", split: tuple[str, ...] = ()
) -> str:
    """Returns the chosen path below the root, or nothing."""
    request = make_request(target)
    request.vars["root"] = str(root)
    chosen = Selector(Selection("/", names, policy=policy, split=split)).select(request)
    return request.placeholders["http.matchers.file.relative"] if chosen else ""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("a.txt", "b.txt", "[x].txt", "a*b", "back\\slash", ".dot"):
        (tmp_path / name).write_text(name)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/c.txt").write_text("ccc")
    (tmp_path.parent / "outside.txt").touch()
    return tmp_path


@pytest.mark.parametrize(
    "target", ["/*.txt", "/?.txt", "/[ab].txt", "/%5Bab%5D.txt", "/a*", "/back\\\\slash", "/{a,b}.txt"]
)
def test_paths_of_clients_are_no_wildcards(root: Path, target: str) -> None:
    assert choose(root, target, "{path}") == ""


@pytest.mark.parametrize("target", ["/%5Bx%5D.txt", "/a*b", "/back%5Cslash", "/.dot"])
def test_special_characters_in_names_are_found(root: Path, target: str) -> None:
    assert choose(root, target, "{path}") != ""


@pytest.mark.parametrize(
    "target", ["/../outside.txt", "/%2e%2e/outside.txt", "/sub/../../outside.txt", "/..%5coutside.txt"]
)
def test_nothing_outside_of_the_root_is_found(root: Path, target: str) -> None:
    assert choose(root, target, "{path}", "/..{path}") == ""


def test_wildcards_of_the_caddyfile_find_files_in_order(root: Path) -> None:
    assert choose(root, "/", "/none*", "/*/*.txt", "/*.txt") == "/sub/c.txt"
    assert choose(root, "/", "/s*/") == "/sub/"
    assert choose(root, "/", "/*.tx[t]") == "/[x].txt"


def test_folders_and_files_are_told_apart(root: Path) -> None:
    assert [choose(root, "/", name) for name in ("/sub", "/sub/", "/a.txt", "/a.txt/")] == [
        "",
        "/sub/",
        "/a.txt",
        "",
    ]


def test_policies_choose_by_size_and_time(root: Path) -> None:
    names = ("/a.txt", "/sub/c.txt")
    assert choose(root, "/", *names, policy="smallest_size") == "/sub/c.txt"
    assert choose(root, "/", *names, policy="largest_size") == "/a.txt"
    assert choose(root, "/", "/none", policy="most_recently_modified") == ""


def test_path_is_cut_behind_a_segment_only(root: Path) -> None:
    (root / "app.php").touch()
    assert choose(root, "/app.php/more", "{path}", split=(".php",)) == "/app.php"
    assert choose(root, "/app.phpx/more", "{path}", split=(".php",)) == ""


def test_status_among_the_names_ends_the_search(root: Path) -> None:
    with pytest.raises(HttpError) as error:
        choose(root, "/", "/none", "=418", "/a.txt")
    assert error.value.status == 418
