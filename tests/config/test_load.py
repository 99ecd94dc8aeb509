"""Reading a file as a whole, and how long many routes take."""

from __future__ import annotations

import gc
import resource
from pathlib import Path
from typing import Any

import pytest

from gojinn.config.load import load_config
from gojinn.errors import ConfigError


def test_file_is_read_adapted_and_checked(tmp_path: Path, grammar: Any) -> None:
    (tmp_path / "Caddyfile").write_text("{$ADDRESS}\nserve Caddyfile\n")
    config = load_config(str(tmp_path / "Caddyfile"), grammar, env={"ADDRESS": ":80"})
    assert config.sites[0].routes[0].config.file == str(tmp_path / "Caddyfile")
    assert config.files == (str(tmp_path / "Caddyfile"),)


def test_given_text_stands_for_the_file(tmp_path: Path, grammar: Any) -> None:
    assert load_config(str(tmp_path / "Caddyfile"), grammar, text=":80").sites[0].addresses[0].port == 80


def test_environment_of_the_process_is_the_default(
    tmp_path: Path, grammar: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOJINN_TEST_PORT", "81")
    config = load_config(str(tmp_path / "Caddyfile"), grammar, text=":{$GOJINN_TEST_PORT}")
    assert config.sites[0].addresses[0].port == 81


def test_wrong_file_is_an_error(tmp_path: Path, grammar: Any) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        load_config(str(tmp_path / "none"), grammar)


def test_collector_runs_again_after_an_error(tmp_path: Path, grammar: Any) -> None:
    with pytest.raises(ConfigError):
        load_config(str(tmp_path / "none"), grammar)
    assert gc.isenabled()


@pytest.mark.slow
def test_ten_thousand_routes_are_read_in_time(tmp_path: Path, grammar: Any) -> None:
    route = "\tanswer /fn/{0} ./fn/{0}.wasm {{\n\t\tafter 5s\n\t}}\n"
    text = ":8080 {\n" + "".join(route.format(index) for index in range(10_000)) + "}\n"
    gc.collect()  # what other tests left is not counted here
    start = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    config = load_config(str(tmp_path / "Caddyfile"), grammar, text=text)
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - start
    assert len(config.sites[0].routes) == 10_000
    assert spent < 2.0, "0.3 s where it was measured; the bound leaves room for a slower machine"
