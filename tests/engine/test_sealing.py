"""Sealed files: what is refused, and who may be trusted with the directory."""

import multiprocessing
import os
from pathlib import Path

import pytest

from gojinn.engine.sealing import BrokenSeal, Seal, open_seal, private_directory
from gojinn.errors import StartError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def sealed(root: Path) -> Path:
    """A sealed file of the content `native code` under the label `a`."""
    open_seal(root).write(root / "file", "a", b"native code")
    return root / "file"


def damage(path: Path, content: bytes) -> None:
    path.chmod(0o600)
    path.write_bytes(content)


def test_what_was_sealed_is_read_back(root, sealed):
    assert open_seal(root).read(sealed, "a") == b"native code"


def test_only_the_owner_may_read_and_nobody_may_write(sealed):
    assert sealed.stat().st_mode & 0o777 == 0o400


def test_no_unfinished_file_stays(root, sealed):
    assert sorted(os.listdir(root)) == ["file", "key"]


@pytest.mark.parametrize("position", [0, 5, -40, -1])
def test_a_changed_byte_breaks_the_seal(root, sealed, position):
    content = bytearray(sealed.read_bytes())
    content[position] ^= 1
    damage(sealed, bytes(content))
    with pytest.raises(BrokenSeal, match="damaged"):
        open_seal(root).read(sealed, "a")


@pytest.mark.parametrize("length", [0, 1, 32, 33, 42])
def test_a_truncated_file_breaks_the_seal(root, sealed, length):
    damage(sealed, sealed.read_bytes()[:length])
    with pytest.raises(BrokenSeal):
        open_seal(root).read(sealed, "a")


def test_one_sealed_file_cannot_stand_in_for_another(root, sealed):
    with pytest.raises(BrokenSeal, match="damaged"):
        open_seal(root).read(sealed, "b")


def test_the_end_of_the_label_is_not_the_begin_of_the_content(root):
    seal = open_seal(root)
    assert seal.sign("ab", b"c") != seal.sign("a", b"bc")


def test_a_file_sealed_elsewhere_is_refused(root, sealed, tmp_path):
    with pytest.raises(BrokenSeal):
        open_seal(tmp_path / "other").read(sealed, "a")


def test_a_symbolic_link_is_refused(root, sealed):
    (root / "link").symlink_to(sealed)
    with pytest.raises(BrokenSeal):
        open_seal(root).read(root / "link", "a")


def test_a_file_that_others_can_write_is_refused(root, sealed):
    sealed.chmod(0o666)
    with pytest.raises(BrokenSeal, match="another user"):
        open_seal(root).read(sealed, "a")


def test_a_file_that_is_not_there_is_named(root):
    with pytest.raises(BrokenSeal, match="no such file"):
        open_seal(root).read(root / "gone", "a")


def test_replacing_the_file_after_the_check_changes_nothing(root, sealed):
    seal = open_seal(root)
    with seal.opened(sealed, "a") as fd:
        seal.write(sealed, "a", b"something else")
        assert os.pread(fd, 11, 0) == b"native code"


def test_a_failing_write_leaves_nothing_behind(root):
    seal = open_seal(root)
    (root / "taken").mkdir()
    with pytest.raises(OSError):
        seal.write(root / "taken", "a", b"x")
    assert sorted(os.listdir(root)) == ["key", "taken"]


@pytest.mark.parametrize("mode", [0o770, 0o702, 0o777])
def test_a_directory_that_others_can_write_is_refused(root, mode):
    private_directory(root)
    root.chmod(mode)
    with pytest.raises(StartError, match="can be written by other users") as caught:
        private_directory(root)
    assert caught.value.hint == f"run 'chmod go-w {root}'"


def test_a_file_in_the_place_of_the_directory_is_reported(root):
    root.write_bytes(b"")
    with pytest.raises(StartError, match="cannot be made: file exists") as caught:
        private_directory(root)
    assert "cache_dir" in str(caught.value.hint)


def test_a_key_that_others_can_read_is_refused(root):
    open_seal(root)
    (root / "key").chmod(0o644)
    with pytest.raises(StartError, match="can be read by other users"):
        open_seal(root)


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 33])
def test_a_damaged_key_is_replaced_and_its_files_are_refused(root, sealed, key):
    (root / "key").write_bytes(key)
    with pytest.raises(BrokenSeal):
        open_seal(root).read(sealed, "a")
    assert len((root / "key").read_bytes()) == 32


@pytest.mark.slow
def test_processes_that_start_at_once_agree_on_the_key(root):
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        keys = {seal.key for seal in pool.map(open_seal, [root] * 40)}
    assert keys == {(root / "key").read_bytes()}


def test_equal_content_has_equal_seals():
    assert Seal(b"k" * 32).sign("a", b"x") == Seal(b"k" * 32).sign("a", b"x")
