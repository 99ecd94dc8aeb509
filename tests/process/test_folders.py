from pathlib import Path

import pytest

from gojinn.config.model import Options
from gojinn.process.folders import cache_folder


@pytest.mark.parametrize("base", ["/var/cache/me", "", "relative/cache"])
def test_cache_is_in_the_users_cache_directory(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    expected = base if base.startswith("/") else "/home/me/.cache"
    assert cache_folder(Options()) == Path(expected, "gojinn", "modules")


def test_caddyfile_says_where_the_cache_is(tmp_path: Path) -> None:
    assert cache_folder(Options(cache_dir=str(tmp_path))) == tmp_path
