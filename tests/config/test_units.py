"""What single values mean, and what is said when they mean nothing."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gojinn.config import units
from gojinn.config.units import BadValue, Secret

GOOD: list[tuple[Callable[[str], Any], str, Any]] = [
    (units.parse_duration, "0", 0.0),
    (units.parse_duration, "5s", 5.0),
    (units.parse_duration, "1h30m", 5400.0),
    (units.parse_duration, "1.5h", 5400.0),
    (units.parse_duration, "500ms", 0.5),
    (units.parse_duration, "2d", 172800.0),
    (units.parse_duration, ".5m", 30.0),
    (units.parse_duration, "1us", 1e-6),
    (units.parse_duration, "1µs", 1e-6),
    (units.parse_duration, "100ns", 1e-7),
    (units.parse_size, "0", 0),
    (units.parse_size, "1234", 1234),
    (units.parse_size, "10MB", 10_000_000),
    (units.parse_size, "10mb", 10_000_000),
    (units.parse_size, "10M", 10_000_000),
    (units.parse_size, "64KiB", 65_536),
    (units.parse_size, "64Ki", 65_536),
    (units.parse_size, "1.5 GiB", 1_610_612_736),
    (units.parse_size, "1,024b", 1024),
    (units.parse_integer, "-7", -7),
    (units.integer(1, 9), "9", 9),
    (units.parse_number, "0.25", 0.25),
    (units.parse_bool, "on", True),
    (units.parse_bool, "false", False),
    (units.choice("ap", "cp"), "cp", "cp"),
    (units.parse_port, "0", 0),
    (units.parse_port, "65535", 65535),
    (units.parse_host, "Example.COM", "example.com"),
    (units.parse_host, "*.example.com", "*.example.com"),
    (units.parse_host, "my_host.local.", "my_host.local."),
    (units.parse_host, "[::1]", "::1"),
    (units.parse_host, "::1", "::1"),
    (units.parse_host, "10.0.0.1", "10.0.0.1"),
    (units.parse_hostport, "localhost:2019", ("localhost", 2019)),
    (units.parse_hostport, ":80", ("", 80)),
    (units.parse_hostport, "[::1]:80", ("::1", 80)),
    (units.parse_cidr, "10.1.2.3/8", "10.0.0.0/8"),
    (units.parse_cidr, "10.0.0.1", "10.0.0.1/32"),
    (units.parse_cidr, "fd00::/8", "fd00::/8"),
    (units.parse_status, "404", 404),
    (units.parse_header_name, "X-Thing", "X-Thing"),
]


@pytest.mark.parametrize(("parse", "text", "value"), GOOD)
def test_value_is_read(parse: Callable[[str], Any], text: str, value: Any) -> None:
    assert parse(text) == pytest.approx(value) if isinstance(value, float) else parse(text) == value


BAD: dict[str, tuple[Callable[[str], Any], list[str]]] = {
    "duration": (
        units.parse_duration,
        ["", "5", "s", "5 s", "-5s", "5x", "1h 30m", "5s!", "9" * 400 + "h", "٣s"],
    ),
    "size": (
        units.parse_size,
        ["", "MB", "-1", "1XB", "1iB", "1e3", "1.2.3", "9" * 30, "9999PB", "1_000", "٣"],
    ),
    "integer": (units.parse_integer, ["", "1_0", "0x1", "1.0", "٣", "9" * 5000]),
    "range": (units.integer(1, 9), ["0", "10", "-1", "x", ""]),
    "number": (units.parse_number, ["", "-1", "1e3", "nan", "inf", "."]),
    "bool": (units.parse_bool, ["", "yes", "True", "1"]),
    "choice": (units.choice("ap", "cp"), ["", "AP", "xp"]),
    "port": (units.parse_port, ["", "-1", "65536", "http", "8080-8085"]),
    "host": (
        units.parse_host,
        ["", "a b", "a..b", "-a", "a/b", "[a]", "a:b", "é", "a" * 64, "x." * 130 + "y"],
    ),
    "hostport": (units.parse_hostport, ["", "80", "a", "a:", "::1:80", "a:x", "[::1]", "a:99999"]),
    "cidr": (units.parse_cidr, ["", "10.0.0.0/33", "x", "10.0.0/8", "10.0.0.0/8/8"]),
    "status": (units.parse_status, ["", "99", "600", "2xx", "0200", "٣٣٣"]),
    "header": (units.parse_header_name, ["", "a b", "a:", "é", "a\n"]),
}


@pytest.mark.parametrize(
    ("parse", "text"), [(parse, text) for parse, texts in BAD.values() for text in texts]
)
def test_other_values_are_refused_with_what_was_expected(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(BadValue) as caught:
        parse(text)
    assert caught.value.expected
    assert len(str(caught.value)) < 300


@given(st.text(max_size=30))
def test_any_text_is_a_value_or_refused(text: str) -> None:
    for parse, _ in BAD.values():
        try:
            parse(text)
        except BadValue as bad:
            assert bad.given == text or parse is units.parse_hostport  # noqa: PT017


@given(st.integers(0, units.LARGEST))
def test_plain_number_is_that_size(number: int) -> None:
    assert units.parse_size(str(number)) == number


def test_choice_names_all_that_is_possible() -> None:
    with pytest.raises(BadValue, match="expected 'a', 'b' or 'c'"):
        units.choice("a", "b", "c")("d")


class TestSecret:
    def test_shows_itself_nowhere(self) -> None:
        secret = Secret("hunter2")
        shown = [repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{secret!r:>20}"]
        assert not [text for text in shown if "hunter2" in text]

    def test_is_not_written_as_json(self) -> None:
        with pytest.raises(TypeError):
            json.dumps(Secret("hunter2"))

    def test_is_revealed_on_demand(self) -> None:
        assert Secret("hunter2").reveal() == "hunter2"

    def test_survives_pickling(self) -> None:
        assert pickle.loads(pickle.dumps(Secret("hunter2"))).reveal() == "hunter2"

    def test_equals_one_of_the_same_text_only(self) -> None:
        assert Secret("é") == Secret("é")
        assert Secret("a") != Secret("b")
        assert Secret("a") != "a"
        assert len({Secret("a"), Secret("a")}) == 1

    def test_is_true_when_not_empty(self) -> None:
        assert Secret("a")
        assert not Secret("")
