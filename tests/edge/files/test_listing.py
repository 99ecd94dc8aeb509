"""Listings of folders as JSON and as a page."""

import json
import os
from pathlib import Path

import pytest

from gojinn.edge.files.listing import Item, Listing, arrange, read_folder, timestamp, to_json
from gojinn.edge.files.page import human_size, to_html
from gojinn.testing.edge import make_request


def item(name: str, size: int = 1, modified: int = 0) -> Item:
    """Makes an entry."""
    return Item(name, size, f"./{name}", modified, 0o644, name.endswith("/"), False)


def test_names_are_escaped_wherever_they_are_shown(tmp_path: Path) -> None:
    (tmp_path / '<script>&"x').touch()
    (tmp_path / "a:b").touch()
    items = read_folder(str(tmp_path), lambda path: False)
    page = to_html(arrange(make_request(), "/", items)).decode()
    assert "<script>" not in page
    assert 'href="./a:b"' in page
    assert {entry["name"] for entry in json.loads(to_json(Listing("/", items)))} == {'<script>&"x', "a:b"}


def test_name_that_is_no_text_is_shown_somehow(tmp_path: Path) -> None:
    os.close(os.open(os.fsencode(tmp_path) + b"/\xff", os.O_CREAT | os.O_WRONLY))
    items = read_folder(str(tmp_path), lambda path: False)
    assert items[0].url == "./%FF"
    assert json.loads(to_json(Listing("/", items)))
    assert b"./%FF" in to_html(Listing("/", items))


def test_links_that_lead_nowhere_are_files(tmp_path: Path) -> None:
    (tmp_path / "gone").symlink_to("nowhere")
    (entry,) = read_folder(str(tmp_path), lambda path: False)
    assert (entry.is_link, entry.is_folder) == (True, False)


def test_hidden_entries_are_left_out(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    (tmp_path / "b").touch()
    items = read_folder(str(tmp_path), lambda path: path.endswith("/a"))
    assert [entry.name for entry in items] == ["b"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["d/", "a", "B"]),
        ("sort=name", ["a", "B", "d/"]),
        ("sort=size&order=desc", ["B", "a", "d/"]),
        ("sort=time", ["a", "d/", "B"]),
        ("sort=odd", ["B", "a", "d/"]),
        ("limit=1", ["d/"]),
        ("offset=2", ["B"]),
        ("limit=0&offset=-1", ["d/", "a", "B"]),
        ("limit=" + "9" * 9999, ["d/", "a", "B"]),
        ("limit=٣", ["d/", "a", "B"]),
    ],
)
def test_entries_are_sorted_and_cut(query: str, names: list[str]) -> None:
    items = [item("B", 3, 30), item("a", 2, 10), item("d/", 9, 20)]
    listing = arrange(make_request(f"/?{query}"), "/", items)
    assert [entry.name for entry in listing.items] == names


def test_choice_is_remembered_only_when_it_is_one() -> None:
    listing = arrange(make_request("/?sort=size&order=x%0d%0aEvil:1"), "/", [])
    assert listing.cookies == [(b"set-cookie", b"sort=size")]


@pytest.mark.parametrize(("nanoseconds", "text"), [(0, "00Z"), (500_000_000, "00.5Z"), (1, "00.000000001Z")])
def test_times_have_the_digits_they_need(nanoseconds: int, text: str) -> None:
    assert timestamp(nanoseconds) == "1970-01-01T00:00:" + text


@pytest.mark.parametrize(
    ("size", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2**70, "1024.0 EiB")]
)
def test_sizes_are_readable(size: int, text: str) -> None:
    assert human_size(size) == text
