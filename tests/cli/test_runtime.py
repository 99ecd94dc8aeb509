"""`gojinn runtime`: which images there are, whether they are sound, and how one gets in without a network."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from gojinn.build import runtimes
from gojinn.build.runtimes import (
    UNUSED,
    Runtime,
    assembled,
    install,
    installed,
    locate,
    prune,
    put,
    runtime,
)
from gojinn.errors import BuildError, NotFound

Run = Callable[..., Any]


@pytest.fixture
def image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, missing: Callable[[str], NoReturn]) -> Path:
    """A copy of the image for JavaScript, while neither Gojinn nor its user has one."""
    found = locate(runtime("javascript"))
    if found is None:
        missing("the image of the runtime for JavaScript: run 'make runtimes'")
    copy = tmp_path / "image.wasm"
    shutil.copy(found, copy)
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(runtimes, "shipped", lambda: tmp_path / "empty")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return copy


def test_missing_runtime_is_listed_and_not_verified(gojinn: Run, image: Path) -> None:
    listed = json.loads(gojinn("runtime", "list").out)
    assert {each["name"]: each["file"] for each in listed}["javascript"] == "not installed"
    done = gojinn("runtime", "verify")
    assert (done.code, "javascript is not installed" in done.out) == (1, True)


def test_image_is_installed_from_a_file_or_a_folder(gojinn: Run, image: Path) -> None:
    for source in (image, image.parent):
        done = gojinn("runtime", "install", source)
        assert (done.code, done.err) == (0, "")
        assert "QuickJS" in done.out
    kept = installed() / runtime("javascript").kept
    assert locate(runtime("javascript")) == kept
    assert f"✓ javascript: {kept}" in gojinn("runtime", "verify").out.replace("\n", "")
    listed = {each["name"]: each for each in json.loads(gojinn("runtime", "list").out)}
    assert listed["javascript"]["size"]


@pytest.mark.parametrize("change", [lambda data: data[:-1], lambda data: data + b"\0", lambda data: b""])
def test_other_images_are_neither_installed_nor_used(
    gojinn: Run, image: Path, change: Callable[[bytes], bytes]
) -> None:
    image.write_bytes(change(image.read_bytes()))
    with pytest.raises(BuildError, match="no image of a runtime"):
        install(image)
    (installed()).mkdir(parents=True)
    shutil.copy(image, installed() / runtime("javascript").kept)
    assert locate(runtime("javascript")) is None
    done = gojinn("runtime", "verify")
    assert (done.code, "is not the image of this release" in done.out) == (1, True)


def test_building_without_the_image_says_how_to_get_it(gojinn: Run, image: Path, tmp_path: Path) -> None:
    folder = tmp_path / "hello"
    gojinn("init", folder, "--lang", "js")
    done = gojinn("build", folder)
    assert done.code == 1
    assert "no compiler for JavaScript" in done.err
    assert "gojinn runtime install FILE" in done.err


def test_unknown_runtime_names_those_that_there_are() -> None:
    with pytest.raises(NotFound) as caught:
        runtime("cobol")
    assert str(caught.value.hint).startswith("use one of: csharp, javascript, lua")


@pytest.fixture
def releases(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Runtime]:
    """The runtime for Ruby as two other releases know it, which both have put theirs together."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    wanted = []
    for content in (b"older", b"newer"):
        wanted.append(replace(runtime("ruby"), sha256=hashlib.sha256(content).hexdigest()))
        put(assembled() / wanted[-1].kept, content)
    return wanted


def test_releases_do_not_replace_each_others_images(releases: list[Runtime]) -> None:
    assert [locate(each) for each in releases] == [assembled() / each.kept for each in releases]
    assert locate(runtime("ruby")) is None


def test_images_of_other_releases_go_when_no_build_wants_them(releases: list[Runtime]) -> None:
    older, newer = (assembled() / each.kept for each in releases)
    os.utime(older, (0, time.time() - UNUSED))
    assert prune(assembled(), unused=UNUSED) == [older]
    assert newer.exists()


def test_prune_leaves_the_images_of_this_release(gojinn: Run, releases: list[Runtime]) -> None:
    own = installed() / runtime("ruby").kept
    put(own, b"of this name")
    done = gojinn("runtime", "prune")
    assert (done.code, done.out.count("removed")) == (0, 2)
    assert own.exists()
    assert "none of another release" in gojinn("runtime", "prune").out
