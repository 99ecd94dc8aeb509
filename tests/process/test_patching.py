"""Changing variables of functions in a configuration that serves."""

from __future__ import annotations

import pytest

from gojinn.config.model import Config, Options, Route, Site
from gojinn.config.units import Secret
from gojinn.errors import BadRequest, NotFound
from gojinn.functions.config import FunctionConfig
from gojinn.functions.lines import Variable
from gojinn.process.patching import Patch, patched


def config_of(*functions: FunctionConfig) -> Config:
    """A configuration with these functions, the last in the global block."""
    routes = tuple(Route("gojinn", each) for each in functions)
    return Config(Options(triggers=routes[-1:]), (Site((), routes=routes[:-1]), Site(())))


HELLO = FunctionConfig("/hello.wasm", env=(Variable("A", Secret("1")), Variable("B", Secret("2"))))
OTHER = FunctionConfig("/other.wasm")


def test_variables_are_set_and_taken_away_wherever_the_function_is() -> None:
    config = config_of(HELLO, OTHER, HELLO)
    new = patched(config, Patch("hello", {"A": None, "B": "3", "C": "4"}))
    wanted = FunctionConfig("/hello.wasm", env=(Variable("B", Secret("3")), Variable("C", Secret("4"))))
    assert new == config_of(wanted, OTHER, wanted)
    assert new.sites[1] is config.sites[1]


def test_nothing_is_changed_by_what_is_there_already() -> None:
    config = config_of(HELLO, OTHER)
    assert patched(config, Patch("hello", {"A": "1"})) == config


def test_an_unknown_function_is_told_with_those_that_there_are() -> None:
    with pytest.raises(NotFound, match="no function 'hell'") as raised:
        patched(config_of(HELLO, OTHER), Patch("hell", {}))
    assert raised.value.hint == "choose one of: hello, other"


@pytest.mark.parametrize("env", [{"": "x"}, {"A=B": "x"}, {"A\0": "x"}, {"A": "\0"}])
def test_wrong_variables_are_refused(env: dict[str, str | None]) -> None:
    with pytest.raises(BadRequest):
        patched(config_of(HELLO, OTHER), Patch("hello", env))
