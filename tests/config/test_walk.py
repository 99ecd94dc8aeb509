"""Finding things inside of a configuration."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gojinn.config.adapt import Adapted
from gojinn.config.model import Address, Match, Route
from gojinn.config.walk import find


def test_all_of_a_kind_are_found_in_order(adapted: Callable[[str], Adapted]) -> None:
    config = adapted(
        ":80 {\nplain {\nanswer 1\nplain {\nanswer 2\n}\nanswer 3\n}\n}\n:81 {\nanswer 4\n}"
    ).config
    texts = [getattr(route.config, "text", "-") for route in find(config, Route)]
    assert texts == ["-", "1", "-", "2", "3", "4"]


def test_matchers_within_matchers_are_found(adapted: Callable[[str], Adapted]) -> None:
    config = adapted(":80\n@m not {\nnot path /a\n}\nanswer @m a").config
    assert [match.name for match in find(config, Match)] == ["not", "not", "path"]


def test_plain_containers_are_looked_into() -> None:
    value: Any = {"a": [Address(port=1), (Address(port=2),)], "b": "text"}
    assert [address.port for address in find(value, Address)] == [1, 2]
