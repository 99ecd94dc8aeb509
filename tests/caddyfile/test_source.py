"""Text on its way to the lexer: decoding, environment, positions."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.caddyfile.source import LARGEST, Source, read_text
from gojinn.errors import ConfigError, Place


def test_variables_are_replaced_once() -> None:
    source = Source("a {$X} b {$Y:dflt} {$Z}", "f", {"X": "{$Y}"})
    assert source.text == "a {$Y} b dflt "


def test_set_but_empty_variable_wins_over_its_default() -> None:
    assert Source("{$X:dflt}", "f", {"X": ""}).text == ""


@pytest.mark.parametrize("text", ["{$}", "{$X", "$X", "{ $X}"])
def test_what_is_no_variable_stays(text: str) -> None:
    assert Source(text, "f", {"X": "v"}).text == text


def test_default_may_hold_colons() -> None:
    assert Source("{$ADDR:localhost:8080}", "f", {}).text == "localhost:8080"


def test_without_environment_variables_stay_as_written() -> None:
    assert Source("{$X:d}", "f").text == "{$X:d}"


def test_positions_are_those_of_the_text_as_written() -> None:
    source = Source("a\n{$X} b {$X} c\n d", "f", {"X": "long value\nof two lines"})
    places = {char: source.place(source.text.rindex(char)) for char in "bcd"}
    assert [(p.line, p.col) for p in places.values()] == [(2, 6), (2, 13), (3, 2)]


def test_position_inside_of_a_value_is_where_its_name_stands() -> None:
    source = Source("ab {$X}", "f", {"X": "1\n2\n3"})
    assert source.place(source.text.index("3")) == Place("f", 1, 4)


def test_byte_order_mark_is_dropped() -> None:
    assert Source("\ufeffa", "f").text == "a"


def test_nul_byte_is_an_error_at_its_place() -> None:
    with pytest.raises(ConfigError, match="NUL byte") as caught:
        Source("a\nb\0c", "f")
    assert caught.value.place == Place("f", 2, 2)


@pytest.mark.parametrize("value", ["a\0b", "\udc80"], ids=["nul", "surrogate"])
def test_variable_that_is_no_text_is_an_error(value: str) -> None:
    with pytest.raises(ConfigError, match="'X' does not hold UTF-8 text"):
        Source("{$X}", "f", {"X": value})


def test_carriage_returns_are_left_out_of_shown_lines() -> None:
    assert Source("a\r\nb\r\n", "f").lines == ["a", "b", ""]


def test_invalid_utf8_is_an_error_at_its_place(tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    file.write_bytes("ok\né \xff here".encode("latin-1").replace(b"\xe9", "é".encode()))
    with pytest.raises(ConfigError, match="byte 0xff is not UTF-8") as caught:
        read_text(str(file))
    assert caught.value.place == Place(str(file), 2, 3)


def test_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        read_text(str(tmp_path / "Caddyfile"))


def test_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is a directory"):
        read_text(str(tmp_path))


def test_path_with_nul_is_an_error() -> None:
    with pytest.raises(ConfigError, match="null"):
        read_text("a\0b")


def test_endless_file_is_an_error() -> None:
    with pytest.raises(ConfigError, match=f"larger than {LARGEST} bytes"):
        read_text("/dev/zero")
