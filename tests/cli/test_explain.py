"""What `gojinn explain` tells, from the Caddyfile alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from gojinn.cli.explanation import Explained, explain
from gojinn.cli.main import load
from gojinn.errors import NotFound
from gojinn.testing.guests import wat

CADDYFILE = """\
(shared) {
	permissions {
		kv_read users: public:
		lock acquire jobs/
	}
}
{
	admin off
}
:8080 {
	handle_path /api/* {
		gojinn /notes* notes.wasm {
			mount tenant:uploads /data quota 100MB
			env PASSWORD very-secret
			s3_secret_key hidden
			s3_access_key hidden
			s3_bucket photos
			import shared
		}
	}
	@slow method POST
	gojinn @slow other.wasm {
		permissions {
			blob read pictures/
			s3_write *
		}
	}
}
http://example.com:9090 {
	gojinn plain.wasm
}
"""

IMPORTING = """(module
  (import "gojinn" "host_kv_get" (func (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_kv_set" (func (param i32 i32 i32 i32)))
  (import "gojinn" "host_teleport" (func))
  (memory (export "memory") 1) (func (export "_start")))"""


@pytest.fixture
def caddyfile(tmp_path: Path) -> Path:
    path = tmp_path / "Caddyfile"
    path.write_text(CADDYFILE)
    return path


def one(path: Path, wanted: str) -> Explained:
    (found,) = explain(str(path), wanted)
    return found


def test_every_grant_has_its_line(caddyfile: Path) -> None:
    allowed = [(a.what, a.names, a.place) for a in one(caddyfile, "notes").allowed]
    assert ("kv read", ("users:", "public:"), "Caddyfile:3") in allowed
    assert ("lock acquire", ("jobs/",), "Caddyfile:4") in allowed
    assert ("mount", ("tenant:uploads", "/data", "quota", "100MB"), "Caddyfile:13") in allowed
    assert ("s3_bucket", ("photos",), "Caddyfile:17") in allowed
    assert ("queue publish", ("*",), "") in allowed


def test_no_secret_is_told(caddyfile: Path) -> None:
    told = str(explain(str(caddyfile)))
    assert "PASSWORD" in told
    assert not {"very-secret", "hidden"} & set(told.replace("'", " ").split())


def test_what_is_not_granted_has_the_line_to_add(caddyfile: Path) -> None:
    forbidden = {f.what: f.line for f in one(caddyfile, "other").forbidden}
    assert forbidden == {
        "kv read": "kv_read * in 'permissions'",
        "kv write": "kv_write * in 'permissions'",
        "http fetch": "allow_host <host>",
    }
    notes = {f.what for f in one(caddyfile, "notes").forbidden}
    assert notes == {"kv write", "blob read", "blob write", "http fetch"}


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ("", ["notes", "other", "plain"]),
        ("/api/notes/7", ["notes", "other", "plain"]),
        ("/", ["other", "plain"]),
        ("http://example.com:9090/x", ["plain", "other"]),
        ("http://localhost:8080/api/notes", ["notes", "other"]),
        ("plain.wasm", ["plain"]),
    ],
)
def test_functions_are_found(caddyfile: Path, wanted: str, names: list[str]) -> None:
    found = {each.name for each in explain(str(caddyfile), wanted)}
    assert found <= set(names)
    assert names[0] in found


def test_imports_of_the_module_are_compared(caddyfile: Path) -> None:
    (caddyfile.parent / "notes.wasm").write_bytes(wat(IMPORTING))
    used = {u.name: (u.granted, u.line) for u in one(caddyfile, "notes").imports}
    assert used == {
        "host_kv_get": (True, ""),
        "host_kv_set": (False, "kv_write * in 'permissions'"),
        "host_teleport": (False, ""),
    }
    assert "no such file" in one(caddyfile, "other").fault


def test_the_command_prints_json_in_a_pipe_and_fails_for_what_is_not_there(caddyfile: Path) -> None:
    result = CliRunner().invoke(load("explain"), ["notes.wasm", "--config", str(caddyfile)])
    assert [each["name"] for each in json.loads(result.output)] == ["notes"]
    result = CliRunner().invoke(load("explain"), ["/nowhere.wasm", "--config", str(caddyfile)])
    assert result.exit_code == 0  # the functions without a path answer everything
    result = CliRunner().invoke(load("explain"), ["nothing", "--config", str(caddyfile)])
    assert isinstance(result.exception, NotFound)
