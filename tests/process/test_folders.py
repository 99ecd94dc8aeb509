import os
from pathlib import Path

import pytest

from gojinn.config.model import Config, Options
from gojinn.config.node import NodeOptions
from gojinn.errors import StartError
from gojinn.process.folders import DataFolder, cache_folder, data_folder


@pytest.mark.parametrize("base", ["/var/cache/me", "", "relative/cache"])
def test_cache_is_in_the_users_cache_directory(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", base)
    expected = base if base.startswith("/") else "/home/me/.cache"
    assert cache_folder(Options()) == Path(expected, "gojinn", "modules")


def test_caddyfile_says_where_the_cache_is(tmp_path: Path) -> None:
    assert cache_folder(Options(cache_dir=str(tmp_path))) == tmp_path


def test_state_is_beside_the_caddyfile_unless_it_says_otherwise(tmp_path: Path) -> None:
    config = Config(files=(str(tmp_path / "Caddyfile"),))
    assert data_folder(config, NodeOptions()) == tmp_path / ".gojinn" / "data"
    assert data_folder(config, NodeOptions(data_dir="/srv/state")) == Path("/srv/state")


def test_a_data_folder_has_one_owner_and_keeps_its_id(tmp_path: Path) -> None:
    path = tmp_path / "new" / "data"
    folder = DataFolder(path)
    assert path.stat().st_mode & 0o777 == 0o700
    with pytest.raises(StartError, match=f"is in use by process {os.getpid()}"):
        DataFolder(path)
    folder.close()
    again = DataFolder(path)
    assert again.id == folder.id
    again.close()


@pytest.mark.parametrize("spoil", ["file", "lock", "node"])
def test_a_data_folder_that_cannot_be_used_is_told(tmp_path: Path, spoil: str) -> None:
    path = tmp_path / "data"
    if spoil == "file":
        path.write_text("in the way")
    else:
        (path / spoil).mkdir(parents=True)
    with pytest.raises(StartError, match="cannot be used") as raised:
        DataFolder(path)
    assert "data_dir" in (raised.value.hint or "")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"../../../x", b"a" * 100_000])
def test_an_id_that_is_none_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "node").write_bytes(content)
    with pytest.raises(StartError, match="holds no id of a node"):
        DataFolder(tmp_path)
