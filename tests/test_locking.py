"""Locks on folders, between processes and between threads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from gojinn.locking import LOCK, locked, tried

HOLD = """
import sys
from pathlib import Path
from gojinn.locking import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_folder_is_made_and_locked_for_one_at_a_time(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "folder"
    with locked(folder), tried(folder) as ours:
        assert not ours
    with tried(folder) as ours, tried(folder) as again:
        assert (ours, again) == (True, False)


@pytest.mark.slow
def test_a_lock_ends_with_the_process_that_holds_it(tmp_path: Path) -> None:
    argv = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with tried(tmp_path) as ours:
            assert not ours
        holder.kill()
        with locked(tmp_path):
            pass


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("content")
    (tmp_path / LOCK).symlink_to("precious")
    with pytest.raises(OSError, match="symbolic"), locked(tmp_path):
        raise AssertionError
    assert (tmp_path / "precious").read_text() == "content"
