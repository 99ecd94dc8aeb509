"""`gojinn db` on the files of a data directory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import apsw
import pytest


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Caddyfile with the databases of two tenants beside it."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "Caddyfile").write_text("http://localhost:0\n")
    for tenant in ("alice", "bob"):
        folder = tmp_path / ".gojinn/data/tenants" / tenant
        folder.mkdir(parents=True)
        db = apsw.Connection(str(folder / "main.db"))
        db.execute("create table note (id integer primary key, text, pad)")
        db.execute("insert into note (text, pad) values ('hello', zeroblob(100000)), (x'00ff', null)")
        db.close()
    return tmp_path


def test_databases_are_listed(gojinn: Any, site: Path) -> None:
    found = json.loads(gojinn("db", "list").out)
    assert [(each["tenant"], each["name"]) for each in found] == [("alice", "main"), ("bob", "main")]
    assert len(json.loads(gojinn("db", "list", "--tenant", "bob").out)) == 1


def test_a_database_is_inspected(gojinn: Any, site: Path) -> None:
    facts = json.loads(gojinn("db", "inspect", "alice").out)
    assert facts["tables"] == [{"name": "note", "rows": 2}]
    assert facts["check"] == "ok"
    assert facts["size"] > 100_000


def test_a_query_may_only_read(gojinn: Any, site: Path) -> None:
    rows = json.loads(gojinn("db", "query", "alice/main", "select id, text from note").out)
    assert rows == [{"id": 1, "text": "hello"}, {"id": 2, "text": "AP8="}]
    failed = gojinn("db", "query", "alice", "delete from note")
    assert failed.code == 1
    assert "readonly" in failed.err


def test_free_space_is_given_back(gojinn: Any, site: Path) -> None:
    db = apsw.Connection(str(site / ".gojinn/data/tenants/alice/main.db"))
    db.execute("delete from note where id = 1")
    db.close()
    sizes = json.loads(gojinn("db", "vacuum", "alice").out)
    assert sizes["after"] < sizes["before"] - 90_000


def test_an_export_is_a_database_and_overwrites_nothing(gojinn: Any, site: Path) -> None:
    assert json.loads(gojinn("db", "export", "bob", "copy.db").out)["size"] > 100_000
    assert json.loads(gojinn("db", "inspect", "./copy.db").out)["tables"] == [{"name": "note", "rows": 2}]
    assert "is there already" in gojinn("db", "export", "bob", "copy.db").err


@pytest.mark.parametrize("name", ["carol", "alice/shop", "./none.db"])
def test_a_database_that_is_not_there_is_said_to_be(gojinn: Any, site: Path, name: str) -> None:
    failed = gojinn("db", "inspect", name)
    assert failed.code == 1
    assert "no database" in failed.err


def test_a_file_that_is_none_is_said_to_be(gojinn: Any, site: Path) -> None:
    (site / "text.db").write_text("no database at all, but long enough for a header " * 10)
    assert "not a database" in gojinn("db", "inspect", "text.db").err
