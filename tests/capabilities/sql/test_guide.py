"""The guide says what the code does: its table of errors, its examples, its blocks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from gojinn.app import GRAMMAR
from gojinn.caddyfile.parser import parse
from gojinn.capabilities.sql.errors import CODES
from gojinn.config.adapt import adapt

GUIDE = (Path(__file__).parents[3] / "docs/guides/sql.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```caddyfile\n(.*?)```", GUIDE, re.DOTALL)
TAGGED = re.findall(r"`(\{\"\$[^`]*\})`", GUIDE)


def test_the_table_of_errors_is_complete() -> None:
    rows = dict(re.findall(r"(?m)^\| `([a-z-]+)` \| ([^|]*?) \|$", GUIDE))
    assert {code: rows.get(code) for code in CODES} == CODES


@pytest.mark.parametrize("text", BLOCKS)
def test_blocks_are_valid(text: str) -> None:
    adapt(parse("Caddyfile", text, {}), GRAMMAR)


@pytest.mark.toolchain
async def test_tagged_values_of_the_guide_come_back(client: Any) -> None:
    values = [json.loads(text) for text in TAGGED if "…" not in text]
    assert len(values) > 5
    for value in values:
        assert isinstance(await client.query("select ?", value), list)


@pytest.mark.toolchain
async def test_requests_of_the_guide_are_answered(client: Any) -> None:
    await client.query("create table item (id integer primary key, name text)")
    requests = re.findall(r"(?m)^\| `(sql\.\w+)` \| `(\{[^`…]+\})`", GUIDE)
    assert [name for name, _ in requests][:2] == ["sql.query", "sql.exec"]
    answers = await client.calls(*((name, json.loads(text)) for name, text in requests[:2]))
    assert [set(answer) for answer in answers] == [{"columns", "rows"}, {"changes", "last_id"}]
