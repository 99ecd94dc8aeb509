"""The contract's `host_db_query`."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.toolchain


@pytest.fixture
def ask(connect: Callable[..., Any], tmp_path: Path) -> Callable[..., Any]:
    """Runs a statement in a guest with a buffer of 4 KiB; returns what is in it then."""

    async def ask(sql: str, *granted: str) -> str:
        client = await connect(str(tmp_path / "shop.db"), *granted, db_driver="sqlite3")
        written: str = (await client.script(("query", sql, 4096)))[0].partition("\t")[2]
        return written

    return ask


async def test_rows_are_an_array_of_objects_without_tags(ask: Any) -> None:
    assert json.loads(await ask("create table t (id integer primary key, a, b, c date)")) == []
    assert (
        json.loads(await ask("insert into t values (9007199254740993, x'616200', x'ff', '2026-11-24')")) == []
    )
    rows = json.loads(await ask("select *, null as n, 1.5 as r from t"))
    assert rows == [
        {"id": 9007199254740993, "a": "ab\0", "b": "/w==", "c": "2026-11-24", "n": None, "r": 1.5}
    ]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("selec 1", 'near "selec": syntax error'),
        ("", None),
        ("\udcff", "the statement is not valid UTF-8"),
        ("select 1; drop table t", "several statements"),
        ("attach '/etc/passwd' as p", "never granted"),
        ("begin", "sql.begin"),
    ],
)
async def test_an_error_is_one_object(ask: Any, sql: str, error: str | None) -> None:
    answer = json.loads(await ask(sql))
    if error is None:
        assert answer == []
    else:
        assert [list(row) for row in answer] == [["error"]]
        assert error in answer[0]["error"]


async def test_a_write_that_is_not_granted_names_the_line(ask: Any) -> None:
    answer = json.loads(await ask("create table t (a)", "read"))
    assert "'db write *' to 'permissions'" in answer[0]["error"]


async def test_an_answer_is_cut_at_the_guest_s_buffer(ask: Any) -> None:
    rows = "with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) select i from n"
    assert len(await ask(rows)) == 4096
