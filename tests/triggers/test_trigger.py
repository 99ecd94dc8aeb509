"""Tests of how a generation holds the consumers of its triggers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gojinn.config.model import Config
from gojinn.engine.cache import CompileCache
from gojinn.functions.config import FunctionConfig
from gojinn.functions.modules import Modules
from gojinn.functions.runner import Runner
from gojinn.testing.guests import guest
from gojinn.testing.platform import Platform, opened_platform
from gojinn.triggers.trigger import Consumer, Trigger, TriggerContext, open_all


@pytest.fixture
async def platform(tmp_path: Path) -> AsyncIterator[Platform]:
    async with opened_platform(CompileCache(tmp_path)) as platform:
        yield platform


def test_a_trigger_without_what_it_needs_is_not_opened() -> None:
    def refuse(config: Config, context: TriggerContext) -> Consumer | None:
        raise AssertionError("it is opened")

    assert open_all([Trigger("late", refuse, needs=(Platform,))], Config(), TriggerContext({})) == []


async def test_two_bindings_of_one_function_are_one(platform: Platform) -> None:
    config = FunctionConfig(str(guest("empty")))
    modules = await platform.modules(config)
    context = TriggerContext({Runner: platform.runner, Modules: modules})
    assert context.bind(config) is context.bind(config)
    (resource,) = context.resources
    async with resource:
        function = context.bind(config).function
        assert function is not None
        assert function.name == config.name
    assert context.bind(config).function is None
