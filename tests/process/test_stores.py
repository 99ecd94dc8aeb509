"""Where functions keep data, as `status` tells it."""

from __future__ import annotations

from pathlib import Path

from gojinn.app import GRAMMAR
from gojinn.config.load import load_config
from gojinn.process.stores import stores

CADDYFILE = """\
:80 {
	gojinn /a a.wasm {
		db_dsn tenant:
		mount tenant:up /up quota 1MB
		mount . /here ro
		permissions {
			s3_read *
		}
	}
	gojinn /b b.wasm {
		db_dsn postgres://user:very-secret@example.com/shop
		mount tenant:up /up quota 1MB
		s3_bucket photos
		s3_access_key hidden
		s3_secret_key hidden
		permissions {
			blob write x/
		}
	}
	gojinn /c c.wasm {
		db_dsn shop.db
		s3_bucket unused
	}
}
"""


def test_every_store_is_told_once_and_no_secret(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / f"{name}.wasm").touch()
    (tmp_path / "Caddyfile").write_text(CADDYFILE)
    (tmp_path / "data" / "blobs" / "one").mkdir(parents=True)
    config = load_config(str(tmp_path / "Caddyfile"), GRAMMAR)
    reports = {"blob": {"photos": {"conditional_writes": "no"}}}
    found = stores(config, tmp_path / "data", reports)
    told = {(each["kind"], each["name"]): each for each in found}
    assert set(told) == {
        *(("database", "tenant:main"), ("database", "postgres"), ("database", "shop.db")),
        *(("objects", "data directory"), ("objects", "photos")),
        *(("mount", "tenant:up"), ("mount", "/here")),
    }
    assert told["mount", "tenant:up"]["functions"] == ["a", "b"]
    assert told["mount", "tenant:up"]["where"] == str(tmp_path / "data/mounts/<tenant>/up")
    assert "at most 1000000 bytes" in told["mount", "tenant:up"]["notes"]
    assert told["mount", "/here"]["notes"] == ["read only"]
    assert told["objects", "data directory"]["notes"] == ["a folder for each tenant, 1 so far"]
    assert "conditional writes: no" in told["objects", "photos"]["notes"]
    assert "secret" not in str(found)
    assert "hidden" not in str(found)
