"""Statuses that a Caddyfile gives."""

import pytest

from gojinn.config.units import BadValue
from gojinn.edge.handler import HttpError
from gojinn.edge.status import bare_status, matches_status, parse_status_class, parse_status_word, status_of
from gojinn.testing.edge import make_request


@pytest.mark.parametrize(
    ("text", "bare"), [("404", True), ("000", False), ("40", False), ("4xx", False), ("٤٠٤", False)]
)
def test_lone_statuses_are_told_from_texts(text: str, bare: bool) -> None:
    assert bare_status(text) is bare


@pytest.mark.parametrize("text", ["99", "100", "1000", "x", "", "-200"])
def test_other_numbers_are_refused(text: str) -> None:
    with pytest.raises(BadValue):
        parse_status_word(text)


def test_placeholder_must_make_a_status() -> None:
    status = status_of("{query.code}")
    assert status(make_request("/?code=418")) == 418
    for query in ("", "code=x", "code=99", "code=200%0a"):
        with pytest.raises(HttpError) as error:
            status(make_request(f"/?{query}"))
        assert error.value.status == 500


def test_classes_stand_for_all_their_statuses() -> None:
    wanted = parse_status_class("4xx")
    assert matches_status(404, wanted)
    assert not matches_status(500, wanted)
    assert matches_status(200, parse_status_class("200"))
    with pytest.raises(BadValue):
        parse_status_class("0xx")
