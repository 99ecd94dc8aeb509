"""Tests of the table of imports."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gojinn.capabilities.imports import CAPABILITIES, IMPORTS, OPERATIONS, host_functions
from gojinn.engine.host import GuestCall

EVERYTHING = frozenset({"kv_read", "kv_write", "s3_read", "s3_write"})

FAILURES = {
    "host_kv_get": -1,
    "host_mutex_lock": 0,
    "host_mutex_unlock": 0,
    "host_s3_put": 1,
    "host_s3_get": 0,
    "host_enqueue": 1,
    "host_ask_ai": 0,
    "host_ws_upgrade": 0,
    "host_ws_read": 0,
    "host_http_get": 0,
    "host_kv_set": None,
    "host_ws_write": None,
}


class Paper:
    """A guest that takes down what is written to it."""

    def __init__(self) -> None:
        self.context = None
        self.written: dict[int, bytes] = {}

    def read(self, ptr: int, length: int) -> bytes:
        return bytes(length)

    def write(self, ptr: int, data: bytes) -> None:
        self.written[ptr] = data


async def invoke(name: str, *arguments: int, guest: GuestCall | None = None) -> int | None:
    function = next(f for f in host_functions(EVERYTHING) if f.name == name)
    return await function.call(guest or Paper(), *arguments)


def test_words_and_imports_are_unique() -> None:
    words = [capability.word for capability in CAPABILITIES]
    names = [entry.name for capability in CAPABILITIES for entry in capability.imports]
    assert len(set(words)) == len(words)
    assert len(set(names)) == len(names) == 16


def test_operations_are_named_after_their_capability() -> None:
    for capability in CAPABILITIES:
        assert all(name.split(".")[0] == capability.word for name in capability.operations)
    assert "log.write" in OPERATIONS


def test_what_is_not_granted_is_not_linked() -> None:
    names = {function.name for function in host_functions(frozenset({"kv_read"}))}
    assert "host_kv_get" in names
    assert not names & {"host_kv_set", "host_s3_get", "host_s3_put"}


def test_results_link_with_the_width_that_a_module_declares() -> None:
    for function in host_functions(EVERYTHING):
        assert function.result == (None if IMPORTS[function.name].result is None else "either")


def test_host_log_is_left_to_the_core() -> None:
    assert "host_log" not in {function.name for function in host_functions(EVERYTHING)}


@pytest.mark.parametrize("name", FAILURES)
async def test_what_nothing_serves_answers_the_contract_s_failure(name: str) -> None:
    arguments = range(len(IMPORTS[name].params))
    assert await invoke(name, *arguments) == FAILURES[name]


async def test_a_query_that_nothing_serves_answers_an_error_row() -> None:
    paper = Paper()
    length = await invoke("host_db_query", 0, 0, 100, 4096, guest=paper)
    assert paper.written[100] == b'[{"error":"this host does not serve sql"}]'
    assert length == len(paper.written[100])


async def test_an_error_row_is_cut_at_the_guest_s_limit() -> None:
    paper = Paper()
    assert await invoke("host_db_query", 0, 0, 100, 5, guest=paper) == 5
    assert paper.written[100] == b'[{"er'


def test_the_guest_s_side_of_the_contract_is_complete() -> None:
    """Every import that the C header for guests declares is in the table, and the other way round."""
    header = Path(__file__).parents[1] / "integration" / "functions" / "gojinn.h"
    declared = dict(re.findall(r"IMPORT\((\w+)\) \w+ \w+\(([^)]*)\)", header.read_text()))
    assert set(declared) == set(IMPORTS)
    for name, parameters in declared.items():
        count = 0 if parameters == "void" else len(parameters.split(","))
        assert count == len(IMPORTS[name].params), name
