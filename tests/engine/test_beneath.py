"""Paths below a folder: the kernel keeps them there, whatever is done to the folder meanwhile."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from gojinn.engine.components.beneath import PATH, Denied, confined, local, opened, opened_at_once, split
from gojinn.engine.components.errnos import NAMES, name_of


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[int]:
    (tmp_path / "data" / "sub").mkdir(parents=True)
    (tmp_path / "secret").write_text("SECRET")
    (tmp_path / "data" / "secret").write_text("inside")
    fd = os.open(tmp_path / "data", PATH)
    yield fd
    os.close(fd)


def test_this_kernel_confines_paths() -> None:
    assert confined()


@pytest.mark.parametrize("path", ["..", "/", "/etc", "sub/../..", "../data/secret", "sub/../../secret"])
def test_what_leads_out_is_denied(folder: int, path: str) -> None:
    with pytest.raises(Denied) as caught:
        os.close(opened(folder, path, PATH))
    assert caught.value.errno == errno.EPERM


@pytest.mark.parametrize(
    ("path", "number"),
    [("", errno.ENOENT), ("a\0b", errno.EINVAL), ("x" * 256, errno.ENAMETOOLONG), ("secret/", errno.ENOTDIR)],
    ids=["empty", "NUL", "long", "file as folder"],
)
def test_odd_paths_are_errors(folder: int, path: str, number: int) -> None:
    with pytest.raises(OSError) as caught:
        os.close(opened(folder, path, PATH))
    assert caught.value.errno == number


@pytest.mark.parametrize(
    ("path", "parts"),
    [
        ("a", (".", "a")),
        ("a/b", ("a", "b")),
        ("a/b//", ("a", "b//")),
        ("a//b", ("a/", "b")),
        ("..", ("..", ".")),
        ("a/.", ("a/.", ".")),
        ("", (".", "")),
    ],
)
def test_a_last_name_is_told_from_its_folder(path: str, parts: tuple[str, str]) -> None:
    assert split(path) == parts


def test_what_is_in_memory_is_opened_at_once(folder: int, tmp_path: Path) -> None:
    (tmp_path / "data" / "secret").read_text()
    fd = opened_at_once(folder, "sub/../secret", os.O_RDONLY)
    with os.fdopen(fd) as file:
        assert file.read() == "inside"


@pytest.mark.parametrize("path", ["..", "/etc", "new"])
def test_what_has_to_be_looked_at_is_not_opened_at_once(folder: int, path: str) -> None:
    with pytest.raises(BlockingIOError):
        os.close(opened_at_once(folder, path, os.O_CREAT | os.O_WRONLY if path == "new" else PATH))


def test_another_file_system_is_not_entered_at_once() -> None:
    root = os.open("/", PATH)
    with pytest.raises(BlockingIOError):
        os.close(opened_at_once(root, "proc", PATH))
    proc = opened(root, "proc", PATH)
    assert not local(proc)
    os.close(proc)
    os.close(root)


def test_links_that_change_all_the_time_lead_nowhere(folder: int, tmp_path: Path) -> None:
    data, over = tmp_path / "data", threading.Event()
    (data / "in").symlink_to("sub/..")
    (data / "out").symlink_to("..")

    def change() -> None:
        while not over.is_set():
            for target in ("in", "out"):
                (data / "new").symlink_to(target)
                os.rename(data / "new", data / "flip")

    changing = threading.Thread(target=change)
    changing.start()
    inside = denied = 0
    try:
        while inside < 200 or denied < 200:
            try:
                fd = opened(folder, "sub/../flip/secret", os.O_RDONLY)
            except (Denied, FileNotFoundError):
                denied += 1
                continue
            with os.fdopen(fd) as file:
                assert file.read() == "inside"
            inside += 1
    finally:
        over.set()
        changing.join()


def test_errors_have_the_names_of_the_specification() -> None:
    assert name_of(OSError(errno.EROFS, "")) == "read-only"
    assert name_of(OSError(errno.ESTALE, "")) == "io"
    assert len(set(NAMES.values())) == 37
