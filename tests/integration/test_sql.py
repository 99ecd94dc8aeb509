"""Databases in the whole program: several workers on one file, a file for each tenant, read-only grants."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import apsw
import pytest

from gojinn.testing.app import App, serve
from gojinn.testing.guests import c_guest

pytestmark = [pytest.mark.slow, pytest.mark.toolchain]

COUNTER = r"""
#include <stdint.h>
#include <stdio.h>

#define IMPORT(name) __attribute__((import_module("gojinn"), import_name(#name))) extern
IMPORT(host_db_query) int32_t host_db_query(const char *sql, uint32_t length, char *out, uint32_t max);

static const char sql[] = "insert into visit default values returning id";
static char out[4096];

int main(void) {
    int32_t length = host_db_query(sql, sizeof sql - 1, out, sizeof out);
    fputs("{\"status\":200,\"headers\":{\"Content-Type\":\"application/json\"},\"body\":\"", stdout);
    for (int32_t i = 0; i < length; i++) {
        if (out[i] == '"' || out[i] == '\\')
            putchar('\\');
        putchar(out[i]);
    }
    fputs("\"}", stdout);
}
"""


def site(folder: Path) -> str:
    """A site with a counter in a file, one for each tenant, and one that may only read."""
    (folder / "sql").mkdir()
    (folder / "sql" / "1.sql").write_text("create table visit (id integer primary key);\n")
    module = c_guest(COUNTER)
    return f"""
{{
    gojinn {{
        data_dir ./data
    }}
}}
http://localhost:0 {{
    gojinn /shared {module} {{
        db_dsn ./visits.db
        migrations ./sql
    }}
    gojinn /own {module} {{
        api_key alice key-of-alice
        api_key bob key-of-bob
        db_driver sqlite3
        db_dsn tenant:visits
        migrations ./sql
    }}
    gojinn /reader {module} {{
        db_dsn ./visits.db
        permissions {{
            db read
        }}
    }}
}}
"""


async def visit(app: App, path: str, key: str = "") -> object:
    headers = {"X-API-Key": key} if key else {}
    status, body = await app.get(path, headers=headers)
    assert status == 200, body
    row = json.loads(body)[0]
    return row.get("id", row.get("error"))


async def test_workers_share_a_file_and_tenants_have_their_own(tmp_path: Path) -> None:
    async with serve(site(tmp_path), folder=tmp_path, workers=2) as app:
        numbers = await asyncio.gather(*(visit(app, "/shared") for _ in range(60)))
        assert sorted(map(str, numbers), key=int) == [str(number) for number in range(1, 61)]
        for key, expected in (("alice", 1), ("bob", 1), ("alice", 2)):
            assert await visit(app, "/own", f"key-of-{key}") == expected
        assert "add the line 'db write *' to 'permissions'" in str(await visit(app, "/reader"))
    for tenant, count in (("alice", 2), ("bob", 1)):
        db = apsw.Connection(str(tmp_path / "data/tenants" / tenant / "visits.db"))
        assert db.execute("select count(*) from visit").get == count
        db.close()
