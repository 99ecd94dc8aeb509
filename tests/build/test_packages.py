"""Packages of a function in Python: when they are got anew, and what is told where they cannot be had.

pip asks a package index on this machine, which is a folder behind a web server.
"""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gojinn.build.python.packages import packages
from gojinn.build.python.requirements import digest
from gojinn.errors import BuildError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

PURE, COMPILED = "py3-none-any", "cp313-cp313-manylinux_2_17_x86_64"


def publish(index: Path, name: str, version: str, *, needs: str = "", tag: str = PURE) -> Path:
    """Puts a package of one module into an index; its wheel."""
    place = index / name
    place.mkdir(exist_ok=True)
    wheel = place / f"{name}-{version}-{tag}.whl"
    info = f"{name}-{version}.dist-info"
    requires = f"Requires-Dist: {needs}\n" if needs else ""
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr(f"{name}.py", f"VERSION = '{version}'\n")
        if tag == COMPILED:
            file.writestr(f"_{name}.cpython-313-x86_64-linux-gnu.so", b"\x7fELF")
        file.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{requires}"
        )
        file.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
        file.writestr(f"{info}/RECORD", "")
    links = (f'<a href="{path.name}">{path.name}</a>' for path in sorted(place.glob("*.whl")))
    (place / "index.html").write_text(f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>")
    return wheel


class Quiet(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """An index with some packages, which pip is told of."""
    folder = tmp_path_factory.mktemp("index")
    for version in ("1.0", "2.0"):
        publish(folder, "plain", version)
    publish(folder, "fast", "1.0", tag=COMPILED)
    publish(folder, "markupsafe", "1.5", tag=COMPILED)
    publish(folder, "old", "1.0", needs="plain==1.0")
    publish(folder, "new", "1.0", needs="plain==2.0")
    with (
        ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as server,
        pytest.MonkeyPatch.context() as patch,
    ):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        patch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/")
        patch.setenv("PIP_NO_CACHE_DIR", "1")
        yield folder
        server.shutdown()
        thread.join()


def got(folder: Path, requirements: str) -> str:
    """The version of `plain` that a text brings."""
    (folder / "requirements.txt").write_text(requirements)
    found = packages(folder / "requirements.txt", folder / ".gojinn")
    assert found is not None
    return (found / "plain.py").read_text()


def refused(folder: Path, requirements: str) -> tuple[str, str]:
    """What is told first of a text that cannot be had, and the hint."""
    (folder / "requirements.txt").write_text(requirements)
    with pytest.raises(BuildError) as caught:
        packages(folder / "requirements.txt", folder / ".gojinn")
    assert [path.name for path in (folder / ".gojinn/packages").iterdir()] == ["lock"]
    return caught.value.message.splitlines()[0], caught.value.hint or ""


def test_a_changed_constraint_brings_another_version(index: Path, tmp_path: Path) -> None:
    (tmp_path / "limits.txt").write_text("plain<2\n")
    (tmp_path / "more").mkdir()
    (tmp_path / "more/all.txt").write_text("-c ../limits.txt\nplain\n")
    assert "1.0" in got(tmp_path, "-r more/all.txt  # all\n")
    (tmp_path / "limits.txt").write_text("plain>1\n")
    assert "2.0" in got(tmp_path, "-r more/all.txt  # all\n")


def test_of_a_compiled_wheel_that_can_do_without_its_python_is_taken(index: Path, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("MarkupSafe>=1\nplain\n")
    folder = packages(tmp_path / "requirements.txt", tmp_path / "scratch")
    assert folder is not None
    names = {path.name for path in folder.iterdir()}
    assert {"markupsafe.py", "markupsafe-1.5.dist-info", "plain.py"} <= names
    assert not [name for name in names if name.endswith(".so")]


def test_builds_at_once_get_them_once(index: Path, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("plain==1.0\n")
    with ThreadPoolExecutor() as pool:
        asked = [pool.submit(packages, tmp_path / "requirements.txt", tmp_path / ".gojinn") for _ in range(3)]
    assert len({each.result() for each in asked}) == 1
    assert len(list((tmp_path / ".gojinn/packages").iterdir())) == 2  # it and the lock


def test_what_a_killed_build_left_is_not_taken(index: Path, tmp_path: Path) -> None:
    left = tmp_path / ".gojinn/packages/new"
    left.mkdir(parents=True)
    (left / "half.py").touch()
    got(tmp_path, "plain==1.0\n")
    assert not list((tmp_path / ".gojinn/packages").rglob("half.py"))
    assert not left.exists()


CANNOT = {
    "no such package": ("nowhere\n", "there is no package 'nowhere'", "correct its name"),
    "no such version": ("plain==9\n", "there is no such version of 'plain'", "take one of those"),
    "compiled": ("fast\n", "'fast' has no wheel in pure Python", "in pure Python"),
    "another hash": (
        f"plain==1.0 --hash=sha256:{'0' * 64}\n",
        "not the one whose hash",
        "compare the hashes",
    ),
    "no version": (f"plain --hash=sha256:{'0' * 64}\n", "with a hash has no version", "name==version"),
    "conflict": ("old\nnew\n", "exclude each other", "allow more versions"),
    "nonsense": ("\0!?\n", "no requirement", "one package a line"),
    "missing": ("-r gone.txt\n", "cannot be read", "'-r'"),
}


@pytest.mark.parametrize("name", CANNOT)
def test_what_cannot_be_had_is_told_with_its_reason(index: Path, tmp_path: Path, name: str) -> None:
    requirements, reason, hint = CANNOT[name]
    message, hinted = refused(tmp_path, requirements)
    assert reason in message
    assert hint in hinted


def test_the_index_that_the_file_names_is_asked(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = os.environ["PIP_INDEX_URL"]
    monkeypatch.setenv("PIP_INDEX_URL", f"{named}none/")
    assert got(tmp_path, f"--index-url {named}\nplain<2\n") == "VERSION = '1.0'\n"
    with pytest.raises(BuildError, match="'fast' has no wheel in pure Python"):
        got(tmp_path, f"--index-url={named} # ours\nfast\n")


def test_an_interrupted_build_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("plain\n")
    code = "import sys; from pathlib import Path; from gojinn.build.python.packages import packages\n"
    code += "packages(Path(sys.argv[1], 'requirements.txt'), Path(sys.argv[1], '.gojinn'))"
    fresh = tmp_path / ".gojinn/packages/new"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(120)
        environ = {**os.environ, "PIP_INDEX_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/"}
        build = subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path)],
            env=environ,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        asked, _ = silent.accept()
        assert fresh.is_dir()
        os.killpg(build.pid, signal.SIGINT)
        assert build.wait(120) != 0
        asked.close()
    assert not fresh.exists()


def test_an_index_out_of_reach_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:1/")
    monkeypatch.setenv("PIP_RETRIES", "1")
    message, hint = refused(tmp_path, "plain\n")
    assert "the package index cannot be reached" in message
    assert "network" in hint


@pytest.mark.parametrize("text", ["", "-r requirements.txt\n", "-r .\n", "\\", "\xff\0"])
def test_any_text_has_a_digest(tmp_path: Path, text: str) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes(text.encode("latin-1"))
    assert len(digest(path)) == len(hashlib.sha256().hexdigest())


def test_a_replaced_wheel_beside_it_counts(tmp_path: Path) -> None:
    wheel = publish(tmp_path, "plain", "1.0")
    path = tmp_path / "requirements.txt"
    path.write_text(f"./plain/{wheel.name}\n")
    before = digest(path)
    wheel.write_bytes(b"")
    assert digest(path) != before
