"""The server's own log as it is written."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gojinn.observe import log


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    yield
    log.configure()


def written(path: Path) -> list[dict[str, Any]]:
    """Reads a log in JSON."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_line_has_time_level_logger_and_fields(tmp_path: Path) -> None:
    log.configure("json", output=str(tmp_path / "log"), role="worker")
    log.get("gojinn.test").info("reloaded", generation=7, names=("a", "b"))
    [line] = written(tmp_path / "log")
    assert line.pop("time").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "gojinn.test",
        "msg": "reloaded",
        "role": "worker",
        "generation": 7,
        "names": ["a", "b"],
    }


@pytest.mark.parametrize(
    ("level", "expected"),
    [
        ("DEBUG", ["debug", "info", "warning", "error"]),
        ("INFO", ["info", "warning", "error"]),
        ("WARN", ["warning", "error"]),
        ("ERROR", ["error"]),
    ],
)
def test_level_leaves_out_what_is_below(tmp_path: Path, level: str, expected: list[str]) -> None:
    log.configure("json", level, str(tmp_path / "log"))
    logger = log.get("gojinn.test")
    for method in (logger.debug, logger.info, logger.warning, logger.error):
        method("said")
    assert [line["level"] for line in written(tmp_path / "log")] == expected


def test_error_has_its_traceback_in_one_line(tmp_path: Path) -> None:
    log.configure("json", output=str(tmp_path / "log"))
    try:
        raise ValueError("why")
    except ValueError as error:
        log.get("gojinn.test").error("failed", exc_info=error)
    [line] = written(tmp_path / "log")
    assert "ValueError: why" in line["exception"]


@pytest.mark.parametrize("value", ["\udcff", "a\nb", object(), b"\xff", {1: {"x": "\udc80"}}, float("nan")])
def test_odd_values_are_written_somehow(tmp_path: Path, value: object) -> None:
    log.configure("json", output=str(tmp_path / "log"))
    log.get("gojinn.test").info("odd", value=value)
    assert len(written(tmp_path / "log")) == 1


def test_console_is_for_people(tmp_path: Path) -> None:
    log.configure("console", output=str(tmp_path / "log"))
    log.get("gojinn.test").warning("something happened", count=3)
    text = (tmp_path / "log").read_text()
    assert "something happened" in text
    assert "count=3" in text
    assert "\x1b" not in text


def test_console_shows_reports_by_line_below(tmp_path: Path) -> None:
    log.configure("console", output=str(tmp_path / "log"))
    log.get("gojinn.test").error("build failed", output="index.js:1: oh\n\tat \x1b[2J", folder="a\nb")
    first, *rest = (tmp_path / "log").read_text().splitlines()
    assert "output" not in first
    assert "a\\nb" in first
    assert rest == ["    index.js:1: oh", "    \tat \\x1b[2J"]


def test_discarded_log_is_not_even_made(tmp_path: Path) -> None:
    log.configure("json", output="discard")
    log.get("gojinn.test").error("nobody hears")
    assert log.settings.pipeline is None


def test_broken_output_does_not_fail_who_logs(tmp_path: Path) -> None:
    log.configure("json", output="/dev/full")
    log.get("gojinn.test").error("no room")


def test_rotated_file_is_opened_anew(tmp_path: Path) -> None:
    log.configure("json", output=str(tmp_path / "log"))
    log.get("gojinn.test").info("one")
    (tmp_path / "log").rename(tmp_path / "log.1")
    log.get("gojinn.test").info("two")
    assert [line["msg"] for line in written(tmp_path / "log")] == ["two"]


def test_structlog_is_imported_by_the_first_line_only() -> None:
    program = (
        "import sys, gojinn.observe.log as log; log.get('a').debug(''); print('structlog' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"
