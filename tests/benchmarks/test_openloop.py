"""Load at a fixed rate: when requests are due, and that each is counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from math import inf

import pytest
from benchmarks.openloop import Schedule, arrivals, drive

RATE, SECONDS = 2_000.0, 0.1


class Answering(BaseHTTPRequestHandler):
    """Answers 200 to `/` and 404 to all else, in two pieces."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"hi")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def due_times() -> list[float]:
    """When the requests of a run are due."""
    return list(arrivals(RATE, SECONDS))


def test_the_times_that_are_due_are_the_same_in_every_run() -> None:
    first = due_times()
    assert len(first) == pytest.approx(RATE * SECONDS, rel=0.2)
    assert first == sorted(first)
    assert first == due_times()


def test_what_is_due_is_told_once() -> None:
    schedule = Schedule(RATE, SECONDS)
    began = schedule.next
    early = schedule.due(began + SECONDS / 2)
    late = schedule.due(began + SECONDS)
    assert early
    assert late
    assert max(early) < min(late)
    assert schedule.due(began + 1) == []
    assert schedule.next == inf


@pytest.mark.parametrize(("path", "fails"), [("/", False), ("/missing", True)])
def test_every_request_is_answered_and_counted(url: str, path: str, fails: bool) -> None:
    times, wrong = drive(url + path, RATE, SECONDS, connections=2)
    assert len(times) == len(due_times())
    assert min(times) > 0
    assert wrong == (len(times) if fails else 0)
