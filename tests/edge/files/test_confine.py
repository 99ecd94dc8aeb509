"""Links that functions make in folders they may write to lead out of them for no file server."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gojinn.edge.files.confine import Confinement


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "secret").write_text("S")
    (tmp_path / "site" / "up" / "sub").mkdir(parents=True)
    (tmp_path / "site" / "index").write_text("I")
    up = tmp_path / "site" / "up"
    (up / "a").write_text("A")
    for name, target in {
        "inside": "sub/../a",
        "out": "../../secret",
        "absolute": str(tmp_path / "secret"),
        "chain": "sub/next",
        "sub/next": "../out",
        "folder": "../..",
        "loop": "loop",
        "page": "../index",
    }.items():
        (up / name).symlink_to(target)
    (tmp_path / "site" / "operator").symlink_to("../secret")
    (tmp_path / "site" / "alias").symlink_to("up")
    (tmp_path / "site" / "trusting").symlink_to("up/out")
    return tmp_path / "site"


@pytest.mark.parametrize(
    "path", ["up/a", "up/inside", "operator", "index", "alias/a", "alias/inside", "up/none"]
)
def test_what_leads_nowhere_else_is_allowed(root: Path, path: str) -> None:
    assert Confinement([str(root / "up")]).allows(str(root / path))


OUT = ["up/out", "up/absolute", "up/chain", "up/folder/secret", "up/page", "alias/out", "trusting"]


@pytest.mark.parametrize("path", OUT)
def test_what_leads_out_is_not(root: Path, path: str) -> None:
    assert not Confinement([str(root / "up")]).allows(str(root / path))


def test_without_such_folders_links_are_followed(root: Path) -> None:
    assert Confinement([]).allows(str(root / "up" / "out"))


def test_a_link_that_is_exchanged_after_the_look_is_noticed(root: Path) -> None:
    confinement = Confinement([str(root / "up")])
    path = str(root / "up" / "a")
    fd = os.open(root.parent / "secret", os.O_RDONLY)
    try:
        assert not confinement.allows_open(path, fd)
    finally:
        os.close(fd)
    fd = os.open(path, os.O_RDONLY)
    try:
        assert confinement.allows_open(path, fd)
    finally:
        os.close(fd)
