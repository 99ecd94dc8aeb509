"""Outputs of log lines: files that are rotated, pipes that are full."""

import os
import select
import threading
from pathlib import Path

import pytest

from gojinn.errors import StartError
from gojinn.observe.target import Target, pieces


def test_lines_are_appended(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("before\n")
    target = Target(str(tmp_path / "log"))
    target.write(b"one\n")
    target.write_lines([b"two\n", b"three\n"])
    target.close()
    assert (tmp_path / "log").read_text() == "before\none\ntwo\nthree\n"


def test_missing_folders_are_made(tmp_path: Path) -> None:
    Target(str(tmp_path / "a" / "b" / "log")).close()
    assert (tmp_path / "a" / "b" / "log").exists()


def test_log_is_not_for_everyone(tmp_path: Path) -> None:
    Target(str(tmp_path / "log")).close()
    assert (tmp_path / "log").stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    "rotate", [Path.unlink, lambda path: path.rename(path.with_suffix(".1"))], ids=["removed", "renamed"]
)
def test_rotated_file_is_opened_anew(tmp_path: Path, rotate: object) -> None:
    path = tmp_path / "log"
    target = Target(str(path))
    target.write(b"one\n")
    assert callable(rotate)
    rotate(path)
    target.write(b"two\n")
    target.close()
    assert path.read_text() == "two\n"


@pytest.mark.parametrize("name", ["/proc/none/log", "/", ""])
def test_file_that_cannot_be_opened_is_a_start_error(name: str) -> None:
    with pytest.raises(StartError, match="cannot open log file"):
        Target(name)


def test_lines_of_two_processes_do_not_mix(tmp_path: Path) -> None:
    path = tmp_path / "log"
    targets = [Target(str(path)), Target(str(path))]
    lines = [[b"%d" % number * 3000 + b"\n" for _ in range(50)] for number in range(2)]
    threads = [
        threading.Thread(target=target.write_lines, args=(own,))
        for target, own in zip(targets, lines, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for target in targets:
        target.close()
    assert sorted(path.read_bytes().splitlines(keepends=True)) == sorted(lines[0] + lines[1])


def test_full_pipe_that_does_not_block_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    source, sink = os.pipe()
    os.set_blocking(sink, False)
    monkeypatch.setattr("gojinn.observe.target.STREAMS", {"stdout": sink})
    target = Target("stdout")
    got = bytearray()

    def drain() -> None:
        while len(got) < 1_000_000:
            got.extend(os.read(source, 65536))

    reader = threading.Thread(target=drain)
    reader.start()
    target.write_lines([b"x" * 99 + b"\n"] * 10_000)
    reader.join()
    os.close(source)
    os.close(sink)
    assert bytes(got) == (b"x" * 99 + b"\n") * 10_000


def test_pieces_are_whole_lines() -> None:
    lines = [b"a" * 100, b"b" * 100, b"c" * 5000, b"d" * 100]
    assert list(pieces(lines, select.PIPE_BUF)) == [lines[0] + lines[1], lines[2], lines[3]]
    assert list(pieces([], 10)) == []
