"""The lines that name a database: what they mean, what they cannot be."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gojinn.app import GRAMMAR
from gojinn.caddyfile.parser import parse
from gojinn.capabilities.sql.config import SqlConfig
from gojinn.config.adapt import adapt
from gojinn.config.export import to_json
from gojinn.config.units import Secret
from gojinn.errors import ConfigError
from gojinn.functions.config import FunctionConfig
from gojinn.functions.environment import resolve

PLACE = Path("/srv/site/Caddyfile")


def function(*lines: str) -> FunctionConfig:
    """Adapts a function with these lines in its block."""
    block = "\n".join(f"\t\t{line}" for line in lines)
    text = f":0 {{\n\tgojinn a.wasm {{\n{block}\n\t}}\n}}\n"
    config = adapt(parse(str(PLACE), text, {"DSN": "postgres://u:p@h/d"}), GRAMMAR).config
    found: Any = config.sites[0].routes[0].config
    assert isinstance(found, FunctionConfig)
    return found


def options(*lines: str) -> SqlConfig:
    return function(*lines).sql


def dsn(*lines: str) -> str:
    found = options(*lines).db_dsn
    assert found is not None
    return found.reveal()


@pytest.mark.parametrize(
    ("line", "expected", "engine"),
    [
        ("./shop.db", "/srv/site/shop.db", "sqlite"),
        ("shop.db", "/srv/site/shop.db", "sqlite"),
        ("/var/shop.db", "/var/shop.db", "sqlite"),
        ("file:shop.db", "/srv/site/shop.db", "sqlite"),
        ("tenant:", "tenant:", "sqlite"),
        ("tenant:shop", "tenant:shop", "sqlite"),
        ("postgres://u:p@h/d", "postgres://u:p@h/d", "postgres"),
        ("postgresql://h/d", "postgresql://h/d", "postgres"),
        ('"host=/run dbname=d"', "host=/run dbname=d", "postgres"),
        ("mysql://u@h/d", "mysql://u@h/d", "mysql"),
        ("u:p@tcp(h:3306)/d?parseTime=true", "u:p@tcp(h:3306)/d?parseTime=true", "mysql"),
        ("libsql://h.example", "libsql://h.example", "libsql"),
        ("{$DSN}", "postgres://u:p@h/d", "postgres"),
    ],
)
def test_a_dsn_tells_engine_and_place(line: str, expected: str, engine: str) -> None:
    assert dsn(f"db_dsn {line}") == expected
    assert options(f"db_dsn {line}").engine == engine


def test_the_contract_s_spellings_are_read() -> None:
    found = options("db_driver sqlite3", "db_dsn a.db", "db_sync_url https://h", "db_sync_token t")
    assert (found.engine, found.db_sync_url) == ("sqlite", "https://h")
    assert found.db_sync_token == Secret("t")


def test_a_dsn_may_come_from_the_environment() -> None:
    found = resolve(function("db_driver postgres", "db_dsn postgres://u:{env.PW}@h/d"), {"PW": "x"})
    assert found.sql.db_dsn == Secret("postgres://u:x@h/d")


def test_a_dsn_is_never_shown() -> None:
    config = function("db_dsn postgres://u:hunter2@h/d", "db_sync_token hunter2")
    assert "hunter2" not in repr(config)
    assert "hunter2" not in to_json(config)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["db_driver oracle"], "wrong value for 'db_driver': given 'oracle', expected one of sqlite"),
        (["db_driver sqlite"], "'db_driver' needs the line 'db_dsn <dsn>'"),
        (["db_dsn"], "wrong arguments for 'db_dsn': given 0, expected <dsn>"),
        (["db_dsn a b"], "wrong arguments for 'db_dsn': given 2"),
        (["db_dsn oracle://hunter2@h"], "wrong scheme in 'db_dsn'"),
        (["db_dsn :memory:"], "expected the path of a file"),
        (["db_dsn tenant:../x"], "wrong name in 'db_dsn'"),
        (["db_driver mysql", "db_dsn postgres://hunter2@h"], "is not one of driver 'mysql'"),
        (["db_driver sqlite", "db_dsn postgres://hunter2@h"], "is a URL, expected a path"),
        (["db_dsn a.db", "db_dsn b.db"], "db_dsn"),
        (["db_pool 0"], "wrong value for 'db_pool'"),
        (["db_quota 1"], "wrong value for 'db_quota'"),
        (["db_tx_timeout 0s"], "wrong value for 'db_tx_timeout'"),
        (["db_max_rows -1"], "wrong value for 'db_max_rows'"),
    ],
)
def test_what_cannot_be_is_said_at_its_line(lines: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        function(*lines)
    assert message in caught.value.message
    assert "hunter2" not in caught.value.render()
