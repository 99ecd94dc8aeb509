"""Values on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.cli.options import caddyfile, parse_header, parse_mount, parse_variable
from gojinn.config.units import BadValue
from gojinn.engine.limits import Mount


def test_reads_variables_with_any_value() -> None:
    assert parse_variable("A=b=c") == ("A", "b=c")
    assert parse_variable("A=") == ("A", "")


def test_reads_headers() -> None:
    assert parse_header("Accept: text/html") == ("Accept", "text/html")
    assert parse_header("X-A:") == ("X-A", "")


def test_reads_mounts(tmp_path: Path) -> None:
    assert parse_mount(f"{tmp_path}::/data") == Mount(str(tmp_path), "/data")
    assert parse_mount(f"{tmp_path}::/data::ro") == Mount(str(tmp_path), "/data", read_only=True)
    assert parse_mount(str(tmp_path)) == Mount(str(tmp_path), str(tmp_path))


@pytest.mark.parametrize("text", ["", "A", "=b", "A\0=b"])
def test_refuses_what_is_no_variable(text: str) -> None:
    with pytest.raises(BadValue):
        parse_variable(text)


@pytest.mark.parametrize("text", ["", "Accept", ": x", "A: b\r\nC: d"])
def test_refuses_what_is_no_header(text: str) -> None:
    with pytest.raises(BadValue):
        parse_header(text)


@pytest.mark.parametrize(
    "text", ["", "::", "/::", "::/data", "/nowhere::/data", "/::/a::rw", "/::/a::ro::ro"]
)
def test_refuses_what_is_no_mount(text: str) -> None:
    with pytest.raises(BadValue):
        parse_mount(text)


def test_a_folder_stands_for_its_caddyfile(tmp_path: Path) -> None:
    assert caddyfile(tmp_path) == tmp_path / "Caddyfile"
    assert caddyfile(tmp_path / "other") == tmp_path / "other"
