"""`gojinn invoke`, with real guests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from gojinn.cli.commands import invoke
from gojinn.testing.components import command, saying
from gojinn.testing.guests import c_guest, guest, wat_guest

Run = Callable[..., Any]
pytestmark = pytest.mark.slow

COPY = """(module
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\00\\10\\00\\00")
  (func (export "_start")
    (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
    (i32.store (i32.const 4) (i32.load (i32.const 8)))
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))
    (drop (call $write (i32.const 2) (i32.const 0) (i32.const 1) (i32.const 8)))
    (call $exit (i32.const 33))))"""
"""Copies 4 KiB of standard input to standard output and error, then exits with 33."""


HELLO = """(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\10\\00\\00\\00\\05\\00\\00\\00")
  (data (i32.const 16) "hello")
  (func (export "_start")
    (drop (call $write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))))"""


ASKS = """(module
  (import "gojinn" "host_call" (func $call (param i32 i32 i32 i32) (result i32)))
  (import "gojinn" "host_take" (func $take (param i32 i32) (result i32)))
  (import "gojinn" "host_log" (func $log (param i32 i32 i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "kv.get")
  (func (export "_start")
    (drop (call $call (i32.const 0) (i32.const 6) (i32.const 16) (i32.const 0)))
    (call $log (i32.const 1) (i32.const 1024) (call $take (i32.const 1024) (i32.const 1000)))))"""
"""Asks for a key and logs the answer."""


def test_what_needs_a_server_is_told(gojinn: Run) -> None:
    said = gojinn("invoke", wat_guest(ASKS)).err
    assert "there is no server behind this run, serve the function by 'gojinn up'" in said


@pytest.mark.toolchain
def test_shows_body_on_stdout_and_head_on_stderr(gojinn: Run) -> None:
    done = gojinn("invoke", guest("envelope"), "--uri", "/a?b=c", "-H", "X-A: 1", "-d", "hello")
    assert done.code == 0
    assert done.err.startswith("HTTP 200")
    envelope = json.loads(done.out)
    assert (envelope["method"], envelope["uri"], envelope["body"]) == ("POST", "/a?b=c", "hello")
    assert envelope["headers"] == {"Host": ["localhost"], "X-A": ["1"]}


@pytest.mark.toolchain
def test_scripts_are_asked_as_scripts(gojinn: Run) -> None:
    source = """
    #include <stdio.h>
    #include <stdlib.h>
    int main(int count, char **arguments) {
        printf("Status: 404\\nContent-Type: text/plain\\n\\n%s %s %s %s ", getenv("REQUEST_METHOD"),
               getenv("PATH_INFO"), getenv("HTTP_X_A"), count > 1 ? arguments[1] : "");
        for (int next; (next = getchar()) != EOF;) putchar(next);
    }"""
    script = c_guest(source)
    done = gojinn("invoke", script, "--cgi", "--uri", "/a%20b?word", "-H", "X-A: 1")
    assert (done.code, done.out) == (0, "GET /a b 1 word ")
    assert done.err.startswith("HTTP 404")
    done = gojinn("invoke", script, "--cgi", "-d", "hello", "--env", "HTTP_X_A=own", "--", "-v")
    assert done.out == "POST / own -v hello"
    assert "response cgi" in gojinn("invoke", script).err
    assert gojinn("invoke", script, "--cgi", "--raw").code == 2


def test_missing_module_is_told(gojinn: Run, tmp_path: Path) -> None:
    missing = gojinn("invoke", tmp_path / "no.wasm")
    assert missing.code == 1
    assert "gojinn build" in missing.err


@pytest.mark.parametrize("content", [b"", b"\0asm", b"(module)", b"\x7fELF" * 100])
def test_what_is_no_module_is_told(gojinn: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bad.wasm"
    path.write_bytes(content)
    assert gojinn("invoke", path).code == 3


@pytest.mark.parametrize(
    ("name", "reason"),
    [("unreachable", "trapped"), ("exit_3", "exited with code 3"), ("empty", "no valid answer")],
)
def test_a_function_that_fails_is_exit_code_1(gojinn: Run, name: str, reason: str) -> None:
    failed = gojinn("invoke", guest(name))
    assert failed.code == 1
    assert reason in failed.err


def test_time_is_limited(gojinn: Run) -> None:
    assert "timeout" in gojinn("invoke", guest("endless_loop"), "--timeout", "50ms").err


def test_fuel_is_limited(gojinn: Run) -> None:
    assert "fuel" in gojinn("invoke", guest("endless_loop"), "--fuel-limit", "1000").err


def test_raw_passes_streams_and_exit_code_through(gojinn: Run) -> None:
    done = gojinn("invoke", wat_guest(COPY), "--raw", stdin=b"in and out")
    assert done == (33, "in and out", "in and out")


def test_raw_runs_a_component_that_is_a_command(gojinn: Run, tmp_path: Path) -> None:
    (tmp_path / "command.wasm").write_bytes(command(b"from a component"))
    assert gojinn("invoke", tmp_path / "command.wasm", "--raw").out == "from a component"
    (tmp_path / "handler.wasm").write_bytes(saying(b"x"))
    (tmp_path / "newer.wasm").write_bytes(command(b"").replace(b"@0.2.0", b"@0.3.0"))
    done = gojinn("invoke", tmp_path / "newer.wasm", "--raw")
    assert "exports 'wasi:cli/run@0.3.0', expected WASI 0.2" in done.err
    done = gojinn("invoke", tmp_path / "handler.wasm", "--raw")
    assert done.code == 3
    assert "exports no 'wasi:cli/run'" in done.err


def test_raw_does_not_wait_for_input_that_the_program_cannot_read() -> None:
    command = [sys.executable, "-m", "gojinn", "invoke", str(wat_guest(HELLO)), "--raw"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as running:
        assert running.stdout is not None
        assert running.stdout.read(5) == b"hello"
        assert running.wait() == 0


def test_who_has_to_type_the_input_is_told() -> None:
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "gojinn", "invoke", str(wat_guest(COPY)), "--raw"]
    with subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        assert b"Ctrl-D" in running.stderr.readline()
        os.write(ours, b"typed\n\x04")
        out, _ = running.communicate()
    os.close(ours)
    os.close(theirs)
    assert (running.returncode, out) == (33, b"typed\n")


def test_input_without_end_is_not_read_for_ever(gojinn: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invoke, "MOST_INPUT", 3 << 20)
    whole, more = b"x" * (3 << 20), b"x" * (5 << 20)
    assert gojinn("invoke", wat_guest(COPY), "--raw", stdin=whole).code == 33
    for arguments in (["--raw"], ["-d", "-"]):
        done = gojinn("invoke", wat_guest(COPY), *arguments, stdin=more)
        assert (done.code, "standard input has more than 3" in done.err) == (1, True)


def test_raw_tells_a_trap_from_an_exit(gojinn: Run) -> None:
    trapped = gojinn("invoke", guest("unreachable"), "--raw")
    assert trapped.code == 134
    assert "unreachable" in trapped.err


def test_raw_gives_arguments_in_their_order(gojinn: Run) -> None:
    done = gojinn("invoke", guest("environ"), "--raw", "--env", "A=1", "--arg", "x", "--", "-y", "z")
    assert json.loads(done.out)["body"].splitlines()[1:] == ["x", "-y", "z", "A=1"]


def test_a_body_is_read_from_a_file_or_standard_input(gojinn: Run, tmp_path: Path) -> None:
    (tmp_path / "body").write_bytes(b"\xff")
    assert gojinn("invoke", guest("empty"), "-d", f"@{tmp_path}/nope").code == 1
    assert "no valid answer" in gojinn("invoke", guest("empty"), "-d", f"@{tmp_path}/body").err
    assert "no valid answer" in gojinn("invoke", guest("empty"), "-d", "-", stdin=b"x").err


@pytest.mark.toolchain
def test_a_function_asks_whom_it_is_allowed_to(gojinn: Run) -> None:
    with HTTPServer(("127.0.0.1", 0), Hello) as server:
        server.timeout = 60
        url = f"http://localhost:{server.server_port}/"
        with ThreadPoolExecutor(1) as pool:
            pool.submit(server.handle_request)
            done = gojinn("invoke", guest("asking"), "--arg", url, "--allow-host", "localhost")
    assert done.out == "hello"


@pytest.mark.toolchain
def test_a_function_asks_nobody_else(gojinn: Run) -> None:
    done = gojinn("invoke", guest("asking"), "--arg", "http://localhost/", "--allow-host", "127.0.0.1")
    assert done.out == ""
    assert "add the line 'allow_host localhost'" in done.err


class Hello(BaseHTTPRequestHandler):
    """Says hello."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *arguments: object) -> None:
        """Says nothing else."""
