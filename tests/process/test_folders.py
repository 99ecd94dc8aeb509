from pathlib import Path

import pytest

from gojinn.config.model import Options
from gojinn.process.folders import cache_folder


def test_the_caddyfile_goes_first() -> None:
    assert cache_folder(Options(cache_dir="/srv/cache")) == Path("/srv/cache")


def test_then_comes_the_user_s_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/cache/me")
    assert cache_folder(Options()) == Path("/var/cache/me/gojinn/modules")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/me")
    assert cache_folder(Options()) == Path("/home/me/.cache/gojinn/modules")
