"""Small components for tests, as WebAssembly text: they compile in milliseconds. Modules are `guests`'."""

from __future__ import annotations

import hashlib
import shutil
import sys
import tempfile
from pathlib import Path

from gojinn.locking import locked
from gojinn.testing.guests import built, cache_root, escaped, run, wat

PROXY = Path(__file__).with_name("proxy")
PROXY_JS = Path(__file__).with_name("proxy_js")
ADAPTER = Path(__file__).with_name("adapter")
JCO = "@bytecodealliance/jco@1.35.0"
QUIET = ("--silent", "--no-audit", "--no-fund", "--no-package-lock")

LIBC = """
  (core module $libc
    (memory (export "memory") {pages})
    (global $free (mut i32) (i32.const 8192))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (local $at i32)
      (local.set $at (i32.and (i32.add (global.get $free) (i32.const 7)) (i32.const -8)))
      (global.set $free (i32.add (local.get $at) (local.get 3)))
      (local.get $at)))
  (core instance $libc (instantiate $libc))"""
"""Memory, with an allocator that never frees."""

STREAMS = """
      (import "wasi:io/error@0.2.0" (instance $error (export "error" (type (sub resource)))))
      (alias export $error "error" (type $io-error))
      (import "wasi:io/streams@0.2.0" (instance $streams
        (alias outer 1 $io-error (type $e0)) (export "error" (type $e (eq $e0)))
        (export "output-stream" (type $o (sub resource)))
        (type $s0 (variant (case "last-operation-failed" (own $e)) (case "closed")))
        (export "stream-error" (type $s (eq $s0)))
        (export "[method]output-stream.blocking-write-and-flush"
          (func (param "self" (borrow $o)) (param "contents" (list u8)) (result (result (error $s)))))
        {more}))
      (alias export $streams "output-stream" (type $output))"""

WRITING = STREAMS.format(more="")
"""Imports of streams to write to."""

COPYING = (
    STREAMS.format(
        more="""(export "input-stream" (type $i (sub resource)))
        (export "[method]input-stream.blocking-read"
          (func (param "self" (borrow $i)) (param "len" u64) (result (result (list u8) (error $s)))))"""
    )
    + """
      (alias export $streams "input-stream" (type $input))"""
)
"""The same, and of streams to read from."""

SLEEPING = """
      (import "wasi:io/poll@0.2.0" (instance $poll
        (export "pollable" (type $p (sub resource)))
        (export "[method]pollable.block" (func (param "self" (borrow $p))))))
      (alias export $poll "pollable" (type $pollable))
      (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
        (alias outer 1 $pollable (type $p0)) (export "pollable" (type $p (eq $p0)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))"""
"""Imports of what a guest can wait for, and of a clock."""

STDOUT = """
      (import "wasi:cli/stdout@0.2.0" (instance $stdout
        (alias outer 1 $output (type $o0)) (export "output-stream" (type $o (eq $o0)))
        (export "get-stdout" (func (result (own $o))))))"""
"""An import of stdout, behind `WRITING`."""

OPTIONS = '(memory (core memory $libc "memory")) (realloc (core func $libc "realloc"))'


def handler(
    body: str, data: bytes = b"", *, pages: int = 4, imports: str = "", text: str = "string"
) -> bytes:
    """A component that exports `gojinn:host/handler`.

    `body` is the function's code. Its parameters are address and length of the request, and it returns the
    address of a result: 0 or 1 for ok or error, then address and length of the text. `data` stands at 1024.
    `$call` is `gojinn:host/call`, with `text` as the type of request and answer. `imports` are declarations
    to stand before all others.
    """
    return wat(f"""(component
      {imports}
      (import "gojinn:host/call@1.0.0" (instance $host
        (export "call" (func (param "op" string) (param "request" {text})
          (result (result {text} (error string)))))))
      {LIBC.format(pages=pages)}
      (core func $call (canon lower (func $host "call") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "call" (func $call (param i32 i32 i32 i32 i32)))
        (data (i32.const 1024) "{escaped(data)}")
        (func $handle (export "handle") (param $at i32) (param $length i32) (result i32) {body}))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc)) (with "host" (instance (export "call" (func $call))))))
      (func $handle (param "request" string) (result (result string (error string)))
        (canon lift (core func $running "handle") {OPTIONS}))
      (instance $handler (export "handle" (func $handle)))
      (export "gojinn:host/handler@1.0.0" (instance $handler)))""")


def saying(text: bytes, *, failed: bool = False) -> bytes:
    """A handler that answers with a text, or with that as an error."""
    return handler(
        f"""(i32.store (i32.const 16) (i32.const {int(failed)})) (i32.store (i32.const 20) (i32.const 1024))
            (i32.store (i32.const 24) (i32.const {len(text)})) (i32.const 16)""",
        text,
    )


def echo() -> bytes:
    """A handler that answers with its request."""
    return handler(
        """(i32.store (i32.const 20) (local.get $at)) (i32.store (i32.const 24) (local.get $length))
           (i32.const 16)"""
    )


def calling(operation: str, request: bytes, *, text: str = "string") -> bytes:
    """A handler that answers with what an operation of the host's answered, be it an error."""
    at = 1024 + len(operation)
    return handler(
        f"""(call $call (i32.const 1024) (i32.const {len(operation)})
                        (i32.const {at}) (i32.const {len(request)}) (i32.const 16))
            (i32.const 16)""",
        operation.encode() + request,
        text=text,
    )


def command(text: bytes, *, sleep: int = 0, failed: bool = False) -> bytes:
    """A component that exports `wasi:cli/run`: sleeps some nanoseconds, writes a text to stdout, returns."""
    return wat(f"""(component
      {WRITING}
      {SLEEPING}
      {STDOUT}
      {LIBC.format(pages=2)}
      (core func $block (canon lower (func $poll "[method]pollable.block")))
      (core func $timer (canon lower (func $clock "subscribe-duration")))
      (core func $get (canon lower (func $stdout "get-stdout")))
      (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "block" (func $block (param i32)))
        (import "host" "timer" (func $timer (param i64) (result i32)))
        (import "host" "get" (func $get (result i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (data (i32.const 1024) "{escaped(text)}")
        (func (export "run") (result i32)
          (if (i64.ne (i64.const {sleep}) (i64.const 0))
            (then (call $block (call $timer (i64.const {sleep})))))
          (call $write (call $get) (i32.const 1024) (i32.const {len(text)}) (i32.const 16))
          (i32.const {int(failed)})))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "block" (func $block)) (export "timer" (func $timer))
          (export "get" (func $get)) (export "write" (func $write))))))
      (func $run (result (result)) (canon lift (core func $running "run")))
      (instance $runner (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $runner)))""")


def surroundings() -> bytes:
    """A component that exports `wasi:cli/run` and writes the texts of its arguments and its environment, one
    behind the other among the bytes of their lists."""
    return wat(f"""(component
      {WRITING}
      {STDOUT}
      (import "wasi:cli/environment@0.2.0" (instance $environment
        (export "get-environment" (func (result (list (tuple string string)))))
        (export "get-arguments" (func (result (list string))))))
      {LIBC.format(pages=2)}
      (core func $get (canon lower (func $stdout "get-stdout")))
      (core func $variables (canon lower (func $environment "get-environment") {OPTIONS}))
      (core func $arguments (canon lower (func $environment "get-arguments") {OPTIONS}))
      (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "get" (func $get (result i32)))
        (import "host" "variables" (func $variables (param i32)))
        (import "host" "arguments" (func $arguments (param i32)))
        (import "host" "write" (func $write (param i32 i32 i32 i32)))
        (func (export "run") (result i32)
          (call $arguments (i32.const 32))
          (call $variables (i32.const 48))
          (call $write (call $get) (i32.const 8192) (i32.const 4096) (i32.const 16))
          (i32.const 0)))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "get" (func $get)) (export "variables" (func $variables))
          (export "arguments" (func $arguments)) (export "write" (func $write))))))
      (func $run (result (result)) (canon lift (core func $running "run")))
      (instance $runner (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $runner)))""")


def reaching(body: str) -> bytes:
    """A component that exports `wasi:cli/run` and is unkind to clocks, polls and randomness.

    `body` is the function's code, which returns 0 for ok. It has `$timer` (nanoseconds, returns a handle),
    `$ready` (a handle, returns whether), `$drop` (a handle), `$poll` (address and length of a list of
    handles, where to return) and `$random` (how many bytes, where to return).
    """
    return wat(f"""(component
      (import "wasi:io/poll@0.2.0" (instance $poll
        (export "pollable" (type $p (sub resource)))
        (export "[method]pollable.ready" (func (param "self" (borrow $p)) (result bool)))
        (export "poll" (func (param "in" (list (borrow $p))) (result (list u32))))))
      (alias export $poll "pollable" (type $pollable))
      (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
        (alias outer 1 $pollable (type $p0)) (export "pollable" (type $p (eq $p0)))
        (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
      (import "wasi:random/random@0.2.0" (instance $random
        (export "get-random-bytes" (func (param "len" u64) (result (list u8))))))
      {LIBC.format(pages=40)}
      (core func $timer (canon lower (func $clock "subscribe-duration")))
      (core func $ready (canon lower (func $poll "[method]pollable.ready")))
      (core func $drop (canon resource.drop $pollable))
      (core func $poll (canon lower (func $poll "poll") {OPTIONS}))
      (core func $random (canon lower (func $random "get-random-bytes") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "timer" (func $timer (param i64) (result i32)))
        (import "host" "ready" (func $ready (param i32) (result i32)))
        (import "host" "drop" (func $drop (param i32)))
        (import "host" "poll" (func $poll (param i32 i32 i32)))
        (import "host" "random" (func $random (param i64 i32)))
        (func (export "run") (result i32) (local $i i32) {body}))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "timer" (func $timer)) (export "ready" (func $ready))
          (export "drop" (func $drop)) (export "poll" (func $poll)) (export "random" (func $random))))))
      (func $run (result (result)) (canon lift (core func $running "run")))
      (instance $runner (export "run" (func $run)))
      (export "wasi:cli/run@0.2.0" (instance $runner)))""")


def streaming(body: str, data: bytes = b"") -> bytes:
    """A component that exports `wasi:http/incoming-handler`.

    `body` is the function's code, `data` stands at 1024. It has `$answer`, which answers with 200 and opens
    the body (`$open` and `$give` do that in two steps), `$write` (address and length), `$sleep` (nanoseconds)
    and `$finish`.
    """
    return wat(f"""(component
      {WRITING}
      {SLEEPING}
      (import "wasi:http/types@0.2.0" (instance $http
        (alias outer 1 $output (type $o0)) (export "output-stream" (type $o (eq $o0)))
        (type $c0 (variant (case "connection-timeout"))) (export "error-code" (type $c (eq $c0)))
        (export "incoming-request" (type $q (sub resource)))
        (export "response-outparam" (type $t (sub resource)))
        (export "fields" (type $f (sub resource)))
        (export "outgoing-body" (type $b (sub resource)))
        (export "outgoing-response" (type $r (sub resource)))
        (export "[constructor]fields" (func (result (own $f))))
        (export "[constructor]outgoing-response" (func (param "headers" (own $f)) (result (own $r))))
        (export "[method]outgoing-response.body"
          (func (param "self" (borrow $r)) (result (result (own $b)))))
        (export "[method]outgoing-body.write" (func (param "self" (borrow $b)) (result (result (own $o)))))
        (export "[static]outgoing-body.finish" (func
          (param "this" (own $b)) (param "trailers" (option (own $f))) (result (result (error $c)))))
        (export "[static]response-outparam.set" (func
          (param "param" (own $t)) (param "response" (result (own $r) (error $c)))))))
      (alias export $http "incoming-request" (type $request))
      (alias export $http "response-outparam" (type $outparam))
      {LIBC.format(pages=2)}
      (core func $block (canon lower (func $poll "[method]pollable.block")))
      (core func $timer (canon lower (func $clock "subscribe-duration")))
      (core func $write (canon lower
        (func $streams "[method]output-stream.blocking-write-and-flush") {OPTIONS}))
      (core func $drop (canon resource.drop $output))
      (core func $fields (canon lower (func $http "[constructor]fields")))
      (core func $response (canon lower (func $http "[constructor]outgoing-response")))
      (core func $body (canon lower (func $http "[method]outgoing-response.body") {OPTIONS}))
      (core func $stream (canon lower (func $http "[method]outgoing-body.write") {OPTIONS}))
      (core func $finish (canon lower (func $http "[static]outgoing-body.finish") {OPTIONS}))
      (core func $set (canon lower (func $http "[static]response-outparam.set") {OPTIONS}))
      (core module $program
        (import "libc" "memory" (memory 1))
        (import "host" "block" (func $block (param i32)))
        (import "host" "timer" (func $timer (param i64) (result i32)))
        (import "host" "write" (func $write-to (param i32 i32 i32 i32)))
        (import "host" "drop" (func $drop (param i32)))
        (import "host" "fields" (func $fields (result i32)))
        (import "host" "response" (func $response (param i32) (result i32)))
        (import "host" "body" (func $body-of (param i32 i32)))
        (import "host" "stream" (func $stream-of (param i32 i32)))
        (import "host" "finish" (func $finish-with (param i32 i32 i32 i32)))
        (import "host" "set" (func $set (param i32 i32 i32)))
        (data (i32.const 1024) "{escaped(data)}")
        (global $outparam (mut i32) (i32.const 0))
        (global $body (mut i32) (i32.const 0))
        (global $stream (mut i32) (i32.const 0))
        (global $response (mut i32) (i32.const 0))
        (func $open
          (global.set $response (call $response (call $fields)))
          (call $body-of (global.get $response) (i32.const 16))
          (global.set $body (i32.load (i32.const 20)))
          (call $stream-of (global.get $body) (i32.const 16))
          (global.set $stream (i32.load (i32.const 20))))
        (func $give (call $set (global.get $outparam) (i32.const 0) (global.get $response)))
        (func $answer (call $open) (call $give))
        (func $write (param i32 i32)
          (call $write-to (global.get $stream) (local.get 0) (local.get 1) (i32.const 16)))
        (func $sleep (param i64) (call $block (call $timer (local.get 0))))
        (func $finish
          (call $drop (global.get $stream))
          (call $finish-with (global.get $body) (i32.const 0) (i32.const 0) (i32.const 16)))
        (func (export "handle") (param i32 i32) (local $i i32) (global.set $outparam (local.get 1)) {body}))
      (core instance $running (instantiate $program
        (with "libc" (instance $libc))
        (with "host" (instance (export "block" (func $block)) (export "timer" (func $timer))
          (export "write" (func $write)) (export "drop" (func $drop)) (export "fields" (func $fields))
          (export "response" (func $response)) (export "body" (func $body)) (export "stream" (func $stream))
          (export "finish" (func $finish)) (export "set" (func $set))))))
      (func $handle (param "request" (own $request)) (param "response-out" (own $outparam))
        (canon lift (core func $running "handle")))
      (instance $handler (export "handle" (func $handle)))
      (export "wasi:http/incoming-handler@0.2.0" (instance $handler)))""")


def python_proxy() -> Path:
    """A handler of `wasi:http/proxy` with files, built by componentize-py from `proxy/`. Raises StartError
    without it."""

    def build(out: Path) -> None:
        command = [sys.executable, "-c", "from componentize_py import script; script()", "-d", str(PROXY)]
        run(
            [*command, "-w", "proxy", "componentize", "app", "-p", str(PROXY), "-o", str(out)], out.parent, {}
        )

    return built("proxy", [(PROXY / name).read_text() for name in ("app.py", "app.wit")], build)


def javascript_proxy() -> Path:
    """A handler of `wasi:http/proxy` built by npm's componentize-js from `proxy_js/`. Raises StartError."""

    def build(out: Path) -> None:
        shutil.copytree(PROXY_JS, out.parent, dirs_exist_ok=True)
        run(["npm", "install", *QUIET], out.parent, {})
        run(["node", "build.mjs", str(out)], out.parent, {})

    return built("proxy_js", [path.read_text() for path in sorted(PROXY_JS.iterdir())], build)


def adapted(module: Path) -> Path:
    """The component that tools make of a module for preview 1, with the adapter of the Bytecode Alliance.
    Raises StartError without npm."""
    kit = adapting()

    def build(out: Path) -> None:
        run(["node", "build.mjs", str(module), str(out)], kit, {})

    return built("adapted", [module.read_bytes().hex(), (ADAPTER / "build.mjs").read_text()], build)


def adapting() -> Path:
    """A folder with what `adapted` needs from npm, made once."""
    inputs = JCO + "".join(path.read_text() for path in sorted(ADAPTER.iterdir()))
    kit = cache_root() / f"adapter-{hashlib.sha256(inputs.encode()).hexdigest()[:16]}"
    with locked(cache_root()):
        if not kit.exists():
            with tempfile.TemporaryDirectory(dir=cache_root()) as scratch:
                made = Path(scratch) / "kit"
                shutil.copytree(ADAPTER, made)
                run(["npm", "install", *QUIET], made, {})
                run(["npm", "pack", "--silent", JCO], made, {})
                run(["tar", "-xzf", next(made.glob("*.tgz")).name], made, {})
                made.rename(kit)
    return kit
