"""Reading module files and knowing them again."""

import os
from pathlib import Path

import pytest

from gojinn.engine import source
from gojinn.engine.source import identify, read_source, surely_same
from gojinn.errors import ModuleError

THEN = (1, 2, 3, 5_000_000_000, 6_000_000_000)


def test_a_file_is_read_with_its_identity_and_digest(tmp_path: Path):
    (tmp_path / "m.wasm").write_bytes(b"abc")
    read = read_source(str(tmp_path / "m.wasm"))
    assert read.data == b"abc"
    assert read.identity == identify(str(tmp_path / "m.wasm"))
    assert read.sha256.startswith("ba7816bf")


def test_an_unchanged_file_read_long_after_its_change_is_the_same():
    assert surely_same(THEN, 9_000_000_000, THEN)


@pytest.mark.parametrize("place", range(5))
def test_any_other_identity_is_another_file(place):
    now = list(THEN)
    now[place] += 1
    assert not surely_same(THEN, 99_000_000_000, tuple(now))


def test_a_file_read_right_after_its_change_is_not_trusted():
    assert not surely_same(THEN, 7_999_999_999, THEN)


def test_a_file_from_the_future_is_not_trusted():
    future = (1, 2, 3, 99_000_000_000, 6_000_000_000)
    assert not surely_same(future, 9_000_000_000, future)


def test_setting_the_time_back_after_a_change_is_noticed(tmp_path: Path):
    path = tmp_path / "m.wasm"
    path.write_bytes(b"abc")
    before = identify(str(path))
    path.write_bytes(b"xyz")
    os.utime(path, ns=(before[3], before[3]))
    assert identify(str(path)) != before


def test_what_cannot_be_read_is_named_with_the_reason(tmp_path: Path):
    with pytest.raises(ModuleError, match=r"gone\.wasm' cannot be read: no such file"):
        read_source(str(tmp_path / "gone.wasm"))
    with pytest.raises(ModuleError, match="is a directory"):
        read_source(str(tmp_path))


@pytest.mark.timeout(10)
def test_a_pipe_does_not_block_the_reader(tmp_path: Path):
    os.mkfifo(tmp_path / "m.wasm")
    with pytest.raises(ModuleError, match="is not a regular file"):
        read_source(str(tmp_path / "m.wasm"))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(source, "MAX_MODULE", 10)
    (tmp_path / "m.wasm").write_bytes(b"x" * 11)
    with pytest.raises(ModuleError, match="has 11 bytes, expected at most 10"):
        read_source(str(tmp_path / "m.wasm"))
