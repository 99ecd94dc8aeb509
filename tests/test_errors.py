"""How errors of a configuration are reported."""

from __future__ import annotations

import pickle

from gojinn.errors import LONGEST_MESSAGE, SHOWN_WIDTH, ConfigError, ConfigErrors, Place


def test_report_shows_place_source_caret_and_hint() -> None:
    error = ConfigError("wrong", place=Place("f", 12, 3), source="\tab c", hint="do right")
    assert error.render() == "f:12:3: wrong\n  12 | \tab c\n     | \t ^\n  hint: do right"


def test_report_shows_the_chain_of_imports() -> None:
    place = Place("c", 1, 1, (Place("b", 2, 1), Place("a", 3, 1)))
    assert (
        ConfigError("wrong", place=place).render() == "c:1:1: wrong\n  imported at b:2:1\n  imported at a:3:1"
    )


def test_error_without_place_is_its_message() -> None:
    assert ConfigError("wrong").render() == "wrong"


def test_long_line_is_shown_around_the_caret() -> None:
    source = "x" * 100_000 + "here" + "x" * 100_000
    lines = ConfigError("wrong", place=Place("f", 1, 100_001), source=source).render().split("\n")
    assert len(lines[1]) < SHOWN_WIDTH + 10
    assert lines[1][lines[2].index("^") :].startswith("here")


def test_long_message_is_cut() -> None:
    assert len(ConfigError("x" * 100_000, hint="y" * 100_000).render()) < 3 * LONGEST_MESSAGE


def test_several_errors_read_as_the_first() -> None:
    errors = ConfigErrors([ConfigError("one", place=Place("f", 1, 1), hint="h"), ConfigError("two")])
    assert (str(errors), errors.hint) == ("f:1:1: one", "h")
    assert errors.render() == "f:1:1: one\n  hint: h\n\ntwo\n\n2 errors"


def test_errors_survive_pickling() -> None:
    error = ConfigError("wrong", place=Place("f", 1, 2), source="a b", hint="h")
    copy = pickle.loads(pickle.dumps(ConfigErrors([error, error])))
    assert copy.render() == ConfigErrors([error, error]).render()
