"""How errors are shown."""

from __future__ import annotations

from gojinn.cli.screen import report, size, styled
from gojinn.errors import BuildError, ConfigError, NotFound, Place


def test_an_error_shows_its_hint() -> None:
    assert report(NotFound("no 'x'", hint="make it")) == "error: no 'x'\n  hint: make it"


def test_a_config_error_shows_place_line_and_caret() -> None:
    error = ConfigError("what is it", place=Place("Caddyfile", 3, 2), source="\tfoo")
    assert report(error) == "error: Caddyfile:3:2: what is it\n  3 | \tfoo\n    | \t^"


def test_a_build_error_shows_what_the_compiler_said_first() -> None:
    error = BuildError("the compiler failed", output="main.c:1: no")
    assert report(error) == "main.c:1: no\nerror: the compiler failed"


def test_what_an_error_quotes_cannot_steer_a_terminal() -> None:
    hostile = "\x1b[2J\x9b\r\x7f\0"
    error = ConfigError(hostile, place=Place("Caddyfile", 1, 1), source=hostile, hint=hostile)
    shown = report(error)
    assert not set(hostile) - {"[", "2", "J"} & set(shown)
    assert shown.count("[2J") == 3


def test_colours_do_not_change_the_text() -> None:
    for line in ("error: a", "  hint: b", "    | \t^", "anything [bold]else[/]"):
        assert styled(line).plain == line


def test_sizes_are_shown_for_people() -> None:
    assert [size(999), size(29_512), size(3_524_960)] == ["1.0 kB", "29.5 kB", "3.5 MB"]
