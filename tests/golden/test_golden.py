"""Every `*.caddyfiletest` here: a Caddyfile, a line of dashes, and the JSON or the error that it must give.

Adding a case is adding a file. Other files of the case stand behind its Caddyfile, each below a line
`=== name`; the environment is ENVIRONMENT. What is expected is the output of `gojinn adapt`, without the list
of files and without the global options that have their default; or the report of the error.

`GOJINN_GOLDEN=write pytest tests/golden` writes what is given now as what is expected: read the difference
before you commit it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gojinn.app import GRAMMAR
from gojinn.config.export import to_data
from gojinn.config.load import load_config
from gojinn.config.model import Config, Options
from gojinn.errors import ConfigError

CASES = sorted(Path(__file__).parent.glob("*.caddyfiletest"))
DASHES = "-" * 10 + "\n"
SECTION = "=== "
ENVIRONMENT = {"NAME": "value", "SITE": "http://a.example", "BRACE": "{", "LINES": "respond one\nheader X y"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_caddyfile_gives_what_is_expected(
    case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given, _, expected = case.read_text().rpartition(DASHES)
    monkeypatch.chdir(tmp_path)
    unpack(given)
    result = outcome().replace(str(tmp_path), "/site")
    if os.environ.get("GOJINN_GOLDEN") == "write":
        case.write_text(f"{given}{DASHES}{result}\n")
    else:
        assert result == expected.rstrip("\n")


def unpack(given: str) -> None:
    """Writes the Caddyfile and the other files of a case into the current folder."""
    caddyfile, *others = given.split(SECTION)
    Path("Caddyfile").write_text(caddyfile)
    for other in others:
        name, _, text = other.partition("\n")
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text)


def outcome() -> str:
    """Reads the Caddyfile in the current folder; returns its JSON or the report of its error."""
    try:
        config = load_config("Caddyfile", GRAMMAR, env=ENVIRONMENT)
    except ConfigError as error:
        return error.render()
    return json.dumps(shortened(config), indent="\t", ensure_ascii=False)


def shortened(config: Config) -> Any:
    """The exported configuration without what is the same in most cases."""
    data, default = to_data(config), to_data(Options())
    changed = {name: value for name, value in data["options"].items() if value != default[name]}
    return {"options": changed, "sites": data["sites"]} if changed else {"sites": data["sites"]}
