"""PyPI's `libsql` (a connection to a server): python remote.py <url> <token>."""

import json
import sys

import pytest

import libsql

url, token = sys.argv[1:]
connection = libsql.connect(database=url, auth_token=token)


def select(sql, *parameters):
    return connection.execute(sql, parameters).fetchall()


def values():
    row = (None, 42, -(2**63), 0.5, "žluť 🐎", b"\x00\xff")
    assert select("SELECT ?, ?, ?, ?, ?, ?", *row) == [row]


def columns():
    cursor = connection.execute("SELECT 1 AS a, 2 AS b")
    assert [column[0] for column in cursor.description] == ["a", "b"]
    assert cursor.fetchone() == (1, 2)
    assert cursor.fetchone() is None


def insert_and_commit():
    connection.execute("DROP TABLE IF EXISTS remote")
    connection.execute("CREATE TABLE remote (id INTEGER PRIMARY KEY, a TEXT UNIQUE)")
    cursor = connection.execute("INSERT INTO remote (a) VALUES (?)", ("one",))
    connection.commit()
    assert cursor.lastrowid == 1
    assert select("SELECT * FROM remote") == [(1, "one")]


def rollback():
    connection.execute("INSERT INTO remote (a) VALUES (?)", ("two",))
    connection.rollback()
    assert select("SELECT count(*) FROM remote") == [(1,)]
    connection.commit()


def executemany():
    connection.executemany("INSERT INTO remote (a) VALUES (?)", [("x",), ("y",), ("z",)])
    connection.commit()
    assert select("SELECT count(*) FROM remote") == [(4,)]


def executescript():
    connection.executescript("INSERT INTO remote (a) VALUES ('s'); DELETE FROM remote WHERE a = 's';")
    assert select("SELECT count(*) FROM remote") == [(4,)]


def many_rows():
    sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n"
    assert len(select(sql)) == 5000


def constraint():
    with pytest.raises(Exception, match="UNIQUE constraint failed"):
        connection.execute("INSERT INTO remote (a) VALUES ('one')")
    connection.rollback()


def unknown_table():
    with pytest.raises(Exception, match="no such table"):
        select("SELECT * FROM nowhere")


CASES = (
    *(values, columns, insert_and_commit, rollback, executemany, executescript),
    *(many_rows, constraint, unknown_table),
)
outcomes = {}
for case in CASES:
    try:
        case()
        outcomes[case.__name__] = None
    except Exception as failed:  # noqa: BLE001
        outcomes[case.__name__] = f"{type(failed).__name__}: {failed}"
print(json.dumps(outcomes))
