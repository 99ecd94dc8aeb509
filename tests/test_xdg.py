"""The user's folders, also where nothing tells them."""

import os
from pathlib import Path

import pytest

from gojinn import xdg
from gojinn.errors import StartError


def test_a_variable_names_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert xdg.data() == tmp_path / "gojinn"


@pytest.mark.parametrize("named", ["", "relative/folder"])
def test_a_folder_that_is_not_absolute_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert xdg.cache() == tmp_path / ".cache" / "gojinn"


def test_a_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(os, "getuid", lambda: 1_234_567)
    with pytest.raises(StartError, match=r"no home folder: .* user 1234567") as caught:
        xdg.cache()
    assert "XDG_CACHE_HOME" in str(caught.value.hint)
