"""Tests of the capabilities as a worker serves them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from gojinn.capabilities.host import Host, host_opened
from gojinn.capabilities.imports import CAPABILITIES, IMPORTS
from gojinn.engine.host import GuestCall
from gojinn.trust.permissions import CONTRACT

EVERYTHING = frozenset(CONTRACT)

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

    def keep(self, answer: bytes) -> None:
        self.written[-1] = answer


@pytest.fixture
async def offline() -> AsyncIterator[Host]:
    """What is served where there is nothing but the process itself."""
    async with host_opened({}) as host:
        yield host


async def invoke(host: Host, name: str, *arguments: int, guest: GuestCall | None = None) -> int | None:
    function = next(f for f in host.functions(EVERYTHING) if f.name == name)
    return await function.call(guest or Paper(), *arguments)


def test_operations_are_named_after_their_capability(offline: Host) -> None:
    words = {capability.word for capability in CAPABILITIES}
    assert {name.split(".")[0] for name in offline.operations} <= words
    assert "log.write" in offline.operations


def test_what_is_not_granted_is_not_linked(offline: Host) -> None:
    names = {function.name for function in offline.functions(frozenset({"kv_read"}))}
    assert "host_kv_get" in names
    assert not names & {"host_kv_set", "host_s3_get", "host_s3_put"}


def test_results_link_with_the_width_that_a_module_declares(offline: Host) -> None:
    for function in offline.functions(EVERYTHING):
        assert function.result == (None if IMPORTS[function.name].result is None else "either")


def test_host_log_is_left_to_the_core(offline: Host) -> None:
    assert "host_log" not in {function.name for function in offline.functions(EVERYTHING)}


@pytest.mark.parametrize("name", FAILURES)
async def test_what_nothing_serves_answers_the_contract_s_failure(offline: Host, name: str) -> None:
    arguments = range(len(IMPORTS[name].params))
    assert await invoke(offline, name, *arguments) == FAILURES[name]


async def test_a_query_that_nothing_serves_answers_an_error_row() -> None:
    paper = Paper()
    length = await invoke(Host({}), "host_db_query", 0, 0, 100, 4096, guest=paper)
    assert paper.written[100] == b'[{"error":"this host does not serve sql"}]'
    assert length == len(paper.written[100])


async def test_an_error_row_is_cut_at_the_guest_s_limit() -> None:
    paper = Paper()
    assert await invoke(Host({}), "host_db_query", 0, 0, 100, 5, guest=paper) == 5
    assert paper.written[100] == b'[{"er'
