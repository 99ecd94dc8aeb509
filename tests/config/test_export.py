"""Configuration as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from gojinn.caddyfile.tree import Word
from gojinn.config.adapt import Adapted
from gojinn.config.export import to_data, to_json
from gojinn.config.units import Secret
from gojinn.errors import Place


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Sample:
    secret: Secret
    pairs: tuple[tuple[str, Secret], ...]
    mapping: dict[str, Any]
    colour: Colour
    path: PurePosixPath
    nothing: None
    place: Place
    word: Word
    hidden: str = field(repr=False)


def test_everything_becomes_plain_data_with_secrets_masked() -> None:
    secret, place = Secret("hunter2"), Place("f", 1, 1)
    sample = Sample(
        secret,
        (("a", secret),),
        {"k": secret},
        Colour.RED,
        PurePosixPath("/x"),
        None,
        place,
        Word("w", place, "w"),
        "h",
    )
    assert to_data(sample) == {
        "secret": "***",
        "pairs": [["a", "***"]],
        "mapping": {"k": "***"},
        "colour": "red",
        "path": "/x",
        "nothing": None,
    }


def test_secret_of_a_directive_does_not_show(adapted: Callable[[str], Adapted]) -> None:
    text = to_json(adapted(":80\nanswer a {\nkey hunter2\n}").config)
    assert "hunter2" not in text
    assert json.loads(text)["sites"][0]["routes"][0]["config"] == {"text": "a", "after": 0.0, "key": "***"}


def test_same_configuration_is_the_same_text(adapted: Callable[[str], Adapted]) -> None:
    text = "{\ndebug\n}\n:80, :81\nanswer /x a"
    assert to_json(adapted(text).config) == to_json(adapted(text).config)


def test_text_beyond_ascii_is_readable(adapted: Callable[[str], Adapted]) -> None:
    assert '"text": "é"' in to_json(adapted(":80\nanswer é").config)
