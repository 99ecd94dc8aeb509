"""What each placeholder's name stands for, and the short forms of Caddyfiles. Texts are `placeholders`'."""

from __future__ import annotations

import os
import platform
import re
import socket
import sys
import time
from collections.abc import Callable
from datetime import datetime
from email.utils import formatdate
from time import perf_counter
from uuid import uuid4

from gojinn.edge.message import Request
from gojinn.edge.query import values
from gojinn.edge.url import request_uri, unescape

Read = Callable[[Request], str | None]
"""Answers a placeholder for one request; None when this request does not know it."""

SHORT = {
    "client_ip": "http.vars.client_ip",
    "dir": "http.request.uri.path.dir",
    "file": "http.request.uri.path.file",
    "host": "http.request.host",
    "hostport": "http.request.hostport",
    "method": "http.request.method",
    "path": "http.request.uri.path",
    "port": "http.request.port",
    "query": "http.request.uri.query",
    "remote": "http.request.remote",
    "remote_host": "http.request.remote.host",
    "remote_port": "http.request.remote.port",
    "scheme": "http.request.scheme",
    "tls_cipher": "http.request.tls.cipher_suite",
    "tls_client_certificate_der_base64": "http.request.tls.client.certificate_der_base64",
    "tls_client_certificate_pem": "http.request.tls.client.certificate_pem",
    "tls_client_fingerprint": "http.request.tls.client.fingerprint",
    "tls_client_issuer": "http.request.tls.client.issuer",
    "tls_client_serial": "http.request.tls.client.serial",
    "tls_client_subject": "http.request.tls.client.subject",
    "tls_version": "http.request.tls.version",
    "trace_id": "http.request.trace_id",
    "upstream_hostport": "http.reverse_proxy.upstream.hostport",
    "uri": "http.request.uri",
}
SHORT_PREFIXES = (
    (re.compile(r"header\.([\w-]*)", re.ASCII), r"http.request.header.\1"),
    (re.compile(r"cookie\.([\w-]*)", re.ASCII), r"http.request.cookie.\1"),
    (re.compile(r"labels\.([\w-]*)", re.ASCII), r"http.request.host.labels.\1"),
    (re.compile(r"path\.([\w-]*)", re.ASCII), r"http.request.uri.path.\1"),
    (re.compile(r"file\.([\w-]*)", re.ASCII), r"http.request.uri.path.file.\1"),
    (re.compile(r"query\.([\w-]*)", re.ASCII), r"http.request.uri.query.\1"),
    (re.compile(r"re\.([\w-]*)\.([\w-]*)", re.ASCII), r"http.regexp.\1.\2"),
    (re.compile(r"vars\.([\w-]*)", re.ASCII), r"http.vars.\1"),
    (re.compile(r"rp\.([\w.-]*)", re.ASCII), r"http.reverse_proxy.\1"),
    (re.compile(r"err\.([\w.-]*)", re.ASCII), r"http.error.\1"),
    (re.compile(r"file_match\.([\w-]*)", re.ASCII), r"http.matchers.file.\1"),
)
ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i686": "386", "armv7l": "arm"}
"""Caddy's names of what `platform.machine` reports."""


def expand(name: str) -> str:
    """Returns the full name of a placeholder that may be a Caddyfile's short form."""
    if name in SHORT:
        return SHORT[name]
    for pattern, full in SHORT_PREFIXES:
        found = pattern.fullmatch(name)
        if found is not None:
            return found.expand(full)
    return name


def resolve(key: str) -> Read | str | None:
    """Finds what a full name reads: a function of the request, a constant; None when nothing knows it."""
    if key.startswith("env."):
        return os.environ.get(key[4:], "")
    if key in CONSTANTS:
        return CONSTANTS[key]()
    if key in REQUEST:
        return REQUEST[key]
    for prefix, make in PREFIXES.items():
        if key.startswith(prefix):
            return make(key[len(prefix) :])
    if key.startswith("http."):
        return lambda request: request.placeholders.get(key)
    return None


def authority(request: Request) -> str:
    """Returns host and port as they stand in a Host header."""
    host = f"[{request.host}]" if ":" in request.host else request.host
    return f"{host}:{request.port}" if request.port else host


def remote(request: Request) -> str:
    """Returns the peer's address with its port."""
    host = f"[{request.remote}]" if ":" in request.remote else request.remote
    return f"{host}:{request.remote_port}"


def original_path(request: Request) -> str:
    """Returns the path as received, decoded."""
    raw = request.original_target.partition("?")[0]
    return unescape(raw) or raw


def folder(path: str) -> str:
    """Returns a path up to and with its last slash."""
    return path[: path.rfind("/") + 1]


def file_name(path: str) -> str:
    """Returns what follows a path's last slash."""
    return path[path.rfind("/") + 1 :]


def extension(path: str) -> str:
    """Returns the last segment's extension with its dot."""
    name = file_name(path)
    dot = name.rfind(".")
    return name[dot:] if dot >= 0 else ""


def stem(path: str) -> str:
    """Returns the last segment that is not empty, without the path's extension."""
    last = file_name(path.rstrip("/")) or ("/" if path else ".")
    return last.removesuffix(extension(path))


def split_segments(path: str) -> list[str]:
    """Returns a path's segments; the slash in front makes none."""
    return path.removeprefix("/").split("/")


def nth(index: str, items: Callable[[Request], list[str]]) -> Read | None:
    """Makes the reader of one item counted from 0, empty past the end."""
    if not (index.isascii() and index.isdecimal()):
        return None
    at = int(index)

    def read(request: Request) -> str:
        found = items(request)
        return found[at] if at < len(found) else ""

    return read


def answer_header(name: str) -> Read:
    """Makes the reader of what directives have set of a response's field so far, joined by commas."""
    key = name.lower().encode("utf-8", "surrogateescape")
    return lambda request: ",".join(
        [value.decode("utf-8", "surrogateescape") for field, value in request.answer if field == key]
    )


def header(name: str) -> Read:
    """Makes the reader of a header's values, joined by commas."""
    key = name.lower().encode("utf-8", "surrogateescape")
    if key == b"host":
        return lambda request: ""
    return lambda request: ",".join(
        [value.decode("utf-8", "surrogateescape") for field, value in request.raw_headers if field == key]
    )


def cookie(name: str) -> Read:
    """Makes the reader of a cookie; the name's case does not count."""
    wanted = name.lower()

    def read(request: Request) -> str | None:
        for field, line in request.raw_headers:
            if field == b"cookie":
                for pair in line.decode("utf-8", "surrogateescape").split(";"):
                    key, equals, value = pair.strip().partition("=")
                    if equals and key.lower() == wanted:
                        return value[1:-1] if len(value) > 1 and value[0] == value[-1] == '"' else value
        return None

    return read


def variable(name: str) -> Read:
    """Makes the reader of what `vars` has set."""

    def read(request: Request) -> str:
        value = request.vars.get(name)
        return "" if value is None else str(value)

    return read


def client_ip(request: Request) -> str:
    """Returns the client's address, as trusted proxies report it."""
    return request.client_ip


def uuid(request: Request) -> str:
    """Returns an id that stays the same for the whole request."""
    return request.placeholders.setdefault("http.request.uuid", str(uuid4()))


def tls_fact(name: str) -> Read:
    """Makes the reader of a fact of an encrypted connection, unknown on a plain one."""

    def read(request: Request) -> str | None:
        session = request.connection.tls
        if session is None:
            return None
        facts = {
            "version": session.version,
            "cipher_suite": session.cipher,
            "server_name": session.server_name,
        }
        return facts.get(name, "")

    return read


def duration(request: Request) -> float:
    """Returns the seconds since the request's head was read."""
    return perf_counter() - request.started


def local_now() -> datetime:
    """Returns the time with its zone."""
    return datetime.now().astimezone()


CONSTANTS: dict[str, Callable[[], str]] = {
    "system.arch": lambda: ARCHITECTURES.get(platform.machine(), platform.machine()),
    "system.hostname": socket.gethostname,
    "system.os": lambda: sys.platform,
    "system.slash": lambda: os.sep,
    "system.wd": os.getcwd,
}
"""Read once, when a text is taken apart."""

REQUEST: dict[str, Read] = {
    "http.request.duration": lambda r: f"{duration(r):.9g}s",
    "http.request.duration_ms": lambda r: f"{duration(r) * 1e3:.6g}",
    "http.request.host": lambda r: r.host,
    "http.request.hostport": authority,
    "http.request.method": lambda r: r.method,
    "http.request.orig_method": lambda r: r.original_method,
    "http.request.orig_uri": lambda r: r.original_target,
    "http.request.orig_uri.path": original_path,
    "http.request.orig_uri.path.dir": lambda r: folder(original_path(r)),
    "http.request.orig_uri.path.file": lambda r: file_name(original_path(r)),
    "http.request.orig_uri.query": lambda r: r.original_target.partition("?")[2],
    "http.request.port": lambda r: r.port,
    "http.request.proto": lambda r: f"HTTP/{r.version}",
    "http.request.remote": remote,
    "http.request.remote.host": lambda r: r.remote,
    "http.request.remote.port": lambda r: str(r.remote_port),
    "http.request.scheme": lambda r: r.scheme,
    "http.request.trace_id": lambda r: r.trace.trace_id,
    "http.request.uri": request_uri,
    "http.request.uri.path": lambda r: r.path,
    "http.request.uri.path.dir": lambda r: folder(r.path),
    "http.request.uri.path.file": lambda r: file_name(r.path),
    "http.request.uri.path.file.base": lambda r: stem(r.path),
    "http.request.uri.path.file.ext": lambda r: extension(r.path),
    "http.request.uri.query": lambda r: r.query,
    "http.request.uuid": uuid,
    "http.vars.client_ip": client_ip,
    "time.now": lambda r: str(local_now()),
    "time.now.common_log": lambda r: local_now().strftime("%d/%b/%Y:%H:%M:%S %z"),
    "time.now.http": lambda r: formatdate(usegmt=True),
    "time.now.unix": lambda r: str(int(time.time())),
    "time.now.unix_ms": lambda r: str(int(time.time() * 1e3)),
    "time.now.year": lambda r: str(local_now().year),
}

PREFIXES: dict[str, Callable[[str], Read | None]] = {
    "http.request.cookie.": cookie,
    "http.request.header.": header,
    "http.request.host.labels.": lambda i: nth(i, lambda r: r.host.split(".")[::-1]),
    "http.request.orig_uri.path.": lambda i: nth(i, lambda r: split_segments(original_path(r))),
    "http.request.tls.": tls_fact,
    "http.request.uri.path.": lambda i: nth(i, lambda r: split_segments(r.path)),
    "http.request.uri.query.": lambda name: lambda r: ",".join(values(r.query, name)),
    "http.response.header.": answer_header,
    "http.vars.": variable,
}
