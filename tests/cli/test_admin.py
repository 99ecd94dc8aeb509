"""Finding and asking the admin listener. Asking a real server is in the integration tests."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gojinn.cli.admin import Admin, find_address, path_of, refusal
from gojinn.errors import ConfigError, GojinnError, NotFound, Unavailable, UsageError


@contextmanager
def answering(answer: bytes) -> Iterator[tuple[str, int]]:
    """Answers one connection with some bytes, whatever is asked."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(65_536)
                connection.sendall(answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield server.getsockname()
        thread.join()


def test_the_address_is_what_is_given(tmp_path: Path) -> None:
    assert find_address(tmp_path, "localhost:2020") == ("localhost", 2020)
    assert find_address(tmp_path, ":2020") == ("127.0.0.1", 2020)


def test_the_address_is_what_the_caddyfile_says(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("{\n\tadmin localhost:2021\n}\n")
    assert find_address(tmp_path, None) == ("localhost", 2021)


def test_the_address_is_the_default_without_a_caddyfile(tmp_path: Path) -> None:
    assert find_address(tmp_path, None) == ("127.0.0.1", 2019)


def test_a_listener_that_is_off_is_told(tmp_path: Path) -> None:
    (tmp_path / "Caddyfile").write_text("{\n\tadmin off\n}\n")
    with pytest.raises(NotFound, match="off"):
        find_address(tmp_path, None)


@pytest.mark.parametrize("text", ["nonsense", "host:port", "host:99999", "a b:80"])
def test_an_address_that_is_none_is_wrong_usage(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError):
        find_address(tmp_path, text)


def pointed_at(address: tuple[str, int]) -> Admin:
    """What a command with `--address` has."""
    return Admin(Path("Caddyfile"), "{}:{}".format(*address))


def test_what_is_asked_for_is_quoted() -> None:
    assert path_of("kv", "acme", "a/b ?") == "/_sys/kv/acme/a%2Fb%20%3F"
    assert path_of("kv", "acme", prefix="a&b", after=None, limit=3) == "/_sys/kv/acme?prefix=a%26b&limit=3"


def test_nobody_there_is_told_with_what_to_do() -> None:
    with answering(b"") as address:
        socket.create_connection(address).close()
    with pytest.raises(Unavailable) as caught:
        pointed_at(address).ask("GET", "/")
    assert "gojinn up" in str(caught.value.hint)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n\xff\xfe",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{}",
    ],
    ids=["nothing", "ssh", "text", "list", "binary", "cut off"],
)
def test_what_is_not_gojinn_is_told(answer: bytes) -> None:
    with answering(answer) as address, pytest.raises(Unavailable):
        pointed_at(address).ask("GET", path_of("status"))


def test_a_refusal_keeps_the_servers_words_and_exit_code() -> None:
    wrong = refusal({"detail": "Caddyfile:1:1: no", "code": "module"}, 400)
    assert isinstance(wrong, ConfigError)
    assert wrong.message == "Caddyfile:1:1: no"
    assert refusal({"code": "start"}, 400).exit_code == 4
    assert type(refusal({"title": "Not Found"}, 404)) is GojinnError
    assert refusal({}, 500).message == "status 500"


def test_a_server_that_takes_too_long_is_not_taken_for_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gojinn.cli.admin.TIMEOUT", 0.1)
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(Unavailable, match=f"no answer of {address} within") as late:
            Admin(tmp_path, address, as_json=True).ask("GET", "/_sys/status")
    assert "may still be at work" in str(late.value.hint)
