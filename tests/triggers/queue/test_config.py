"""Tests of how a queue is configured."""

from __future__ import annotations

from pathlib import Path

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.load import load_config
from gojinn.config.model import Config
from gojinn.config.walk import find
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig
from gojinn.triggers.queue.config import Backoff, Policy, QueueConfig


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "send.wasm").touch()
    return tmp_path


def read(folder: Path, text: str) -> Config:
    return load_config(str(folder / "Caddyfile"), GRAMMAR, env={}, text=text)


def queue_of(folder: Path, *lines: str, head: str = "queue emails send.wasm") -> QueueConfig:
    block = "".join(f"\t\t{line}\n" for line in lines)
    (found,) = find(read(folder, f":80 {{\n\t{head} {{\n{block}\t}}\n}}\n"), QueueConfig)
    return found


def test_a_bare_queue_has_safe_defaults(folder: Path) -> None:
    found = queue_of(folder, "retries 5")
    assert found.name == "emails"
    assert found.policy == Policy()
    assert found.function is not None
    assert found.function.module == str(folder / "send.wasm")


def test_options_of_the_queue_stand_beside_those_of_its_function(folder: Path) -> None:
    found = queue_of(
        folder,
        *("function send.wasm", "retries 3", "backoff 100ms 5s", "concurrency 4", "rate 30/m"),
        *("priority high", "keep 1h", "timeout 10s", "env A b"),
        head="queue emails",
    )
    policy = found.policy
    assert policy.backoff == Backoff(0.1, 5.0)
    assert (policy.retries, policy.concurrency, policy.rate) == (3, 4, 0.5)
    assert (policy.priority, policy.keep) == ("high", 3600.0)
    assert found.function is not None
    assert found.function.timeout == 10.0
    assert found.function.env[0].name == "A"


def test_a_queue_may_stand_in_the_global_block(folder: Path) -> None:
    config = read(
        folder, "{\n\tgojinn {\n\t\tqueue a send.wasm\n\t\tmax_sandboxes 7\n\t}\n}\n:80\nrespond x\n"
    )
    assert [each.name for each in find(config, QueueConfig)] == ["a"]
    assert config.options.max_sandboxes == 7
    assert [function.name for function in find(config, FunctionConfig)] == ["send"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("rate 0/s", "a rate above zero"),
        ("rate 1/d", "a rate such as"),
        ("rate many/s", "a number such as"),
        ("backoff", "expected <first> [<longest>]"),
        ("backoff 1m 1s", "shorter than the first"),
        ("backoff 1s 2s 3s", "expected <first> [<longest>]"),
        ("concurrency 0", "from 1 to 10000"),
        ("retries -1", "from 0 to 1000"),
        ("priority urgent", "'high', 'normal' or 'low'"),
        ("keep 0", "at least '1s'"),
    ],
)
def test_a_wrong_value_is_refused(folder: Path, line: str, reason: str) -> None:
    with pytest.raises(ConfigError) as refused:
        queue_of(folder, line)
    assert reason in refused.value.message


@pytest.mark.parametrize("name", ["", "x" * 65, "a\tb"], ids=["empty", "long", "control"])
def test_a_wrong_name_is_refused(folder: Path, name: str) -> None:
    with pytest.raises(ConfigError) as refused:
        queue_of(folder, head=f'queue "{name}" send.wasm')
    assert "expected a name of 1 to 64" in refused.value.message
