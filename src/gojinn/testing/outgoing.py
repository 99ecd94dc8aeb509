"""Components that send requests, and servers for those: scripts over the bindings of the handler in Python, a
small component as WebAssembly text.
"""

from __future__ import annotations

import json
import textwrap
from asyncio import StreamReader, StreamWriter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from gojinn.capabilities.http.config import HttpConfig
from gojinn.functions.config import FunctionConfig
from gojinn.functions.envelope import encode
from gojinn.functions.invocation import Invocation
from gojinn.functions.streamed import Streamed, answered
from gojinn.testing.components import COPYING, LIBC, OPTIONS, SLEEPING, STDOUT
from gojinn.testing.guests import wat
from gojinn.testing.platform import Platform
from gojinn.testing.upstream import Upstream

LOCAL = HttpConfig(("localhost",))

Run = Callable[..., Awaitable[Any]]
"""`told` on a platform, with a handler."""

HELPERS = """
def request(port, path="/", headers=(), method=None):
    made = http.OutgoingRequest(http.Fields.from_list(list(headers)))
    made.set_scheme(http.Scheme_Http())
    made.set_authority(f"127.0.0.1:{port}")
    made.set_path_with_query(path)
    if method is not None:
        made.set_method(method)
    return made

def awaited(future):
    with future.subscribe() as ready:
        ready.block()
    return future.get().value

def error(failed):
    return type(failed.value).__name__

def read(response):
    body = response.consume()
    pieces = []
    with body.stream() as stream:
        while True:
            try:
                pieces.append(stream.blocking_read(1 << 20))
            except Err as closed:
                if hasattr(closed.value, "value"):
                    said = error(Err(http.http_error_code(closed.value.value)))
                    return b"".join(pieces), said
                break
    finished = http.IncomingBody.finish(body)
    with finished.subscribe() as ready:
        ready.block()
    trailers = finished.get().value.value
    return b"".join(pieces), None if trailers is None else trailers.entries()

def fetched(future):
    found = awaited(future)
    if isinstance(found, Err):
        return error(found)
    return found.value.status(), found.value.headers().entries(), *read(found.value)
"""


async def invocation(platform: Platform, proxy: Path, script: str, **config: Any) -> Invocation:
    """Makes one that runs a script."""
    source = HELPERS + textwrap.dedent(script)
    return await asking(platform, proxy, "/script", source.encode(), **config)


async def asking(platform: Platform, module: Path, uri: str, body: bytes = b"", **config: Any) -> Invocation:
    """Makes a request to a handler."""
    function = await platform.function(
        FunctionConfig(str(module), **{"timeout": 30.0, "http": LOCAL, **config})
    )
    stdin = encode(
        *("POST", uri, {"Host": ["a.example"]}, body),
        trace="",
        tenant="default",
        client_ip="",
        trigger="http",
        bare=True,
    )
    return Invocation(function, stdin)


async def streamed(platform: Platform, given: Invocation) -> Streamed:
    """Runs one until its answer has begun."""
    given.parts = True
    stream = await answered(given, platform.runner.run(given))
    assert isinstance(stream, Streamed), stream
    return stream


async def told(platform: Platform, proxy: Path, script: str, **config: Any) -> Any:
    """Runs a script; returns what it said."""
    result = await platform.runner.run(await invocation(platform, proxy, script, **config))
    assert result.reply is not None, (result.error, result.outcome, result.log)
    return json.loads(result.reply.body)


async def echoing(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
    """Sends a request's body back as it comes, both with a length or in chunks."""
    head = (await server.head(reader)).lower()
    if "content-length: " in head:
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % length)
        while length:
            data = await reader.read(min(length, 1 << 16))
            length -= len(data)
            writer.write(data)
            await writer.drain()
        return
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    size = -1
    while size:
        line = await reader.readline()
        size = int(line, 16)
        writer.write(line + await reader.readexactly(size + 2))
        await writer.drain()


async def silent(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
    """Reads a request and says nothing until the client has gone."""
    await server.head(reader)
    await reader.read()


async def begun(server: Upstream, reader: StreamReader, writer: StreamWriter) -> None:
    """Begins an answer and never ends it."""
    await server.head(reader)
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegun")
    await reader.read()


def fetching(authority: str) -> bytes:
    """A component that exports `wasi:cli/run`: sends a GET and writes the beginning of the answer's body to
    stdout. It traps where there is none."""
    return wat(f"""(component
      {COPYING}
      {SLEEPING}
      {STDOUT}
      (import "wasi:http/types@0.2.0" (instance $http
        (alias outer 1 $input (type $i0)) (export "input-stream" (type $i (eq $i0)))
        (alias outer 1 $pollable (type $p0)) (export "pollable" (type $p (eq $p0)))
        (type $c0 (variant (case "HTTP-request-denied"))) (export "error-code" (type $c (eq $c0)))
        (type $s0 (variant (case "HTTP") (case "HTTPS"))) (export "scheme" (type $s (eq $s0)))
        (export "fields" (type $f (sub resource)))
        (export "outgoing-request" (type $q (sub resource)))
        (export "request-options" (type $t (sub resource)))
        (export "future-incoming-response" (type $u (sub resource)))
        (export "incoming-response" (type $r (sub resource)))
        (export "incoming-body" (type $b (sub resource)))
        (export "[constructor]fields" (func (result (own $f))))
        (export "[constructor]outgoing-request" (func (param "headers" (own $f)) (result (own $q))))
        (export "[method]outgoing-request.set-scheme"
          (func (param "self" (borrow $q)) (param "scheme" (option $s)) (result (result))))
        (export "[method]outgoing-request.set-authority"
          (func (param "self" (borrow $q)) (param "authority" (option string)) (result (result))))
        (export "[method]future-incoming-response.subscribe"
          (func (param "self" (borrow $u)) (result (own $p))))
        (export "[method]future-incoming-response.get"
          (func (param "self" (borrow $u)) (result (option (result (result (own $r) (error $c)))))))
        (export "[method]incoming-response.consume"
          (func (param "self" (borrow $r)) (result (result (own $b)))))
        (export "[method]incoming-body.stream"
          (func (param "self" (borrow $b)) (result (result (own $i)))))))
      (alias export $http "outgoing-request" (type $request))
      (alias export $http "request-options" (type $options))
      (alias export $http "future-incoming-response" (type $future))
      (alias export $http "error-code" (type $code))
      (import "wasi:http/outgoing-handler@0.2.0" (instance $outgoing
        (alias outer 1 $request (type $q0)) (export "outgoing-request" (type $q (eq $q0)))
        (alias outer 1 $options (type $t0)) (export "request-options" (type $t (eq $t0)))
        (alias outer 1 $future (type $u0)) (export "future-incoming-response" (type $u (eq $u0)))
        (alias outer 1 $code (type $c0)) (export "error-code" (type $c (eq $c0)))
        (export "handle" (func (param "request" (own $q)) (param "options" (option (own $t)))
          (result (result (own $u) (error $c)))))))
      {LIBC.format(pages=2)}
      (core func $block (canon lower (func $poll "[method]pollable.block")))
      (core func $get (canon lower (func $stdout "get-stdout")))
      (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") {OPTIONS}))
      (core func $read (canon lower (func $streams "[method]input-stream.blocking-read") {OPTIONS}))
      (core func $fields (canon lower (func $http "[constructor]fields")))
      (core func $new (canon lower (func $http "[constructor]outgoing-request")))
      (core func $scheme (canon lower (func $http "[method]outgoing-request.set-scheme")))
      (core func $authority (canon lower (func $http "[method]outgoing-request.set-authority") {OPTIONS}))
      (core func $handle (canon lower (func $outgoing "handle") {OPTIONS}))
      (core func $subscribe (canon lower (func $http "[method]future-incoming-response.subscribe")))
      (core func $answer (canon lower (func $http "[method]future-incoming-response.get") {OPTIONS}))
      (core func $consume (canon lower (func $http "[method]incoming-response.consume") {OPTIONS}))
      (core func $stream (canon lower (func $http "[method]incoming-body.stream") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "block" (func $block (param i32)))
        (import "host" "get" (func $get (result i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (import "host" "read" (func $read (param i32 i64 i32)))
        (import "host" "fields" (func $fields (result i32)))
        (import "host" "new" (func $new (param i32) (result i32)))
        (import "host" "scheme" (func $scheme (param i32 i32 i32) (result i32)))
        (import "host" "authority" (func $authority (param i32 i32 i32 i32) (result i32)))
        (import "host" "handle" (func $handle (param i32 i32 i32 i32)))
        (import "host" "subscribe" (func $subscribe (param i32) (result i32)))
        (import "host" "answer" (func $answer (param i32 i32)))
        (import "host" "consume" (func $consume (param i32 i32)))
        (import "host" "stream" (func $stream (param i32 i32)))
        (data (i32.const 1024) "{authority}")
        (func $checked (param $at i32) (result i32)
          (if (i32.load8_u (local.get $at)) (then (unreachable)))
          (i32.load (i32.add (local.get $at) (i32.const 4))))
        (func (export "run") (result i32) (local $it i32)
          (local.set $it (call $new (call $fields)))
          (drop (call $scheme (local.get $it) (i32.const 1) (i32.const 0)))
          (drop (call $authority (local.get $it) (i32.const 1) (i32.const 1024) (i32.const {len(authority)})))
          (call $handle (local.get $it) (i32.const 0) (i32.const 0) (i32.const 16))
          (local.set $it (call $checked (i32.const 16)))
          (call $block (call $subscribe (local.get $it)))
          (call $answer (local.get $it) (i32.const 16))
          (call $consume (call $checked (i32.const 24)) (i32.const 16))
          (call $stream (call $checked (i32.const 16)) (i32.const 16))
          (call $read (call $checked (i32.const 16)) (i64.const 4096) (i32.const 16))
          (call $write (call $get) (call $checked (i32.const 16)) (i32.load (i32.const 24)) (i32.const 32))
          (i32.const 0)))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "block" (func $block)) (export "get" (func $get))
          (export "write" (func $write)) (export "read" (func $read)) (export "fields" (func $fields))
          (export "new" (func $new)) (export "scheme" (func $scheme)) (export "authority" (func $authority))
          (export "handle" (func $handle)) (export "subscribe" (func $subscribe))
          (export "answer" (func $answer)) (export "consume" (func $consume))
          (export "stream" (func $stream))))))
      (func $run (result (result)) (canon lift (core func $running "run")))
      (instance $runner (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $runner)))""")
