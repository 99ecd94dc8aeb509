"""What `gojinn blob` does with objects."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gojinn.cli.main import load
from gojinn.errors import GojinnError, NotFound


@pytest.fixture
def caddyfile(tmp_path: Path) -> Path:
    (tmp_path / "Caddyfile").write_text(":0 {\n\trespond hi\n}\n")
    return tmp_path / "Caddyfile"


def blob(caddyfile: Path, *words: str, given: bytes | None = None) -> Result:
    return CliRunner().invoke(load("blob"), [*words, "--config", str(caddyfile)], input=given)


def test_objects_go_in_and_come_out(caddyfile: Path) -> None:
    content = bytes(range(256)) * 40_000
    result = blob(caddyfile, "put", "photos/a.png", "-", "--tenant", "one", given=content)
    assert json.loads(result.stdout)["size"] == len(content), result.exception
    assert blob(caddyfile, "get", "photos/a.png", "-t", "one").stdout_bytes == content
    listed = json.loads(blob(caddyfile, "list", "photos/", "-t", "one").stdout)
    assert [each["key"] for each in listed["objects"]] == ["photos/a.png"]
    assert json.loads(blob(caddyfile, "list").stdout)["objects"] == []
    assert blob(caddyfile, "delete", "photos/a.png", "-t", "one").exit_code == 0
    assert isinstance(blob(caddyfile, "get", "photos/a.png", "-t", "one").exception, NotFound)


@pytest.mark.parametrize("words", [("get", "../a"), ("get", "a//b"), ("list", "a\nb"), ("delete", "")])
def test_keys_that_cannot_be_are_refused(caddyfile: Path, words: tuple[str, str]) -> None:
    error = blob(caddyfile, *words).exception
    assert isinstance(error, GojinnError)


def test_a_module_that_no_function_has_is_told(caddyfile: Path) -> None:
    error = blob(caddyfile, "list", "--module", "photos").exception
    assert isinstance(error, NotFound)
    assert "'photos'" in error.message


def test_a_tenant_that_cannot_be_is_refused(caddyfile: Path) -> None:
    result = blob(caddyfile, "list", "--tenant", "../other")
    assert result.exit_code == 2
