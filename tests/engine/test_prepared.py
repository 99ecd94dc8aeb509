"""The native code of modules that snapshots are made from is made once."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wasmtime

from gojinn.engine.prepared import compiled, folder, keep, path_of
from gojinn.engine.sealing import open_seal
from gojinn.locking import LOCK, locked
from gojinn.testing.guests import wat


@pytest.fixture(autouse=True)
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def waiting(path: Path) -> bool:
    """Whether somebody waits for the lock on a file."""
    inode = f":{path.stat().st_ino} "
    return any("->" in line and inode in line for line in Path("/proc/locks").read_text().splitlines())


def test_who_waits_for_another_takes_what_that_one_has_compiled() -> None:
    engine, wasm = wasmtime.Engine(), wat("(module)")
    name = hashlib.sha256(wasm).hexdigest()
    seal = open_seal(folder())
    with ThreadPoolExecutor(1) as pool:
        with locked(folder()):
            done = pool.submit(compiled, engine, wasm)
            deadline = time.monotonic() + 10
            while not waiting(folder() / LOCK):
                assert time.monotonic() < deadline
            keep(wasmtime.Module(engine, wasm), seal, name)
            kept = path_of(name).stat().st_ino
        assert done.result().exports == []
    assert path_of(name).stat().st_ino == kept


def test_a_folder_that_cannot_be_locked_stops_nobody() -> None:
    folder().mkdir(parents=True)
    (folder() / LOCK).mkdir()
    assert compiled(wasmtime.Engine(), wat("(module)")).exports == []
