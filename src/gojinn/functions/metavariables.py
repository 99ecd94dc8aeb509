"""The request as a CGI script finds it: its environment and its arguments. What it answers is `cgi`'s.

RFC 3875, section 4. What begins with `X_` is WAGI's, what begins with `GOJINN_` is ours, and `TRACEPARENT` is
OpenTelemetry's name for the trace of a process.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from urllib.parse import unquote, unquote_to_bytes

import msgspec

from gojinn.engine.limits import Surroundings
from gojinn.functions.config import FunctionConfig

ELSEWHERE = frozenset(("content-length", "content-type"))
"""Fields that have variables of their own."""
OURS = frozenset(
    (
        *("connection", "keep-alive", "proxy-authorization", "proxy-connection"),
        *("te", "trailer", "transfer-encoding", "upgrade"),
    )
)
"""Fields that belong to the connection, which is the server's. A body comes without its transfer coding."""
DANGEROUS = frozenset(("proxy",))
"""Would be `HTTP_PROXY`, which many programs take for the address of their proxy (CVE-2016-5385, httpoxy)."""
DROPPED = ELSEWHERE | OURS | DANGEROUS

PLAIN = re.compile(r"[0-9A-Za-z-]+")
"""Names that can be told apart as variables: `X_Real_Ip` would pass for `X-Real-Ip`, which proxies set."""
AUTHORITY = re.compile(r"(\[[^\[\]]*\]|[^\[\]:]+)(?::([0-9]*))?")
UNFIT = re.compile("[\0\ud800-\udfff]")
"""What no environment can hold, or is no UTF-8."""
REPLACEMENT = "\ufffd"

PORTS = {"http": "80", "https": "443"}
SEARCHES = frozenset(("GET", "HEAD"))


class Way(msgspec.Struct):
    """Where a request went, and how it got there."""

    uri: str
    """Path and query as received."""
    path: str
    """What of the path is behind the script, decoded."""
    raw_path: str
    """The same, escaped."""
    query: str
    script: str = ""
    """The path that leads to the script, decoded."""
    route: str = "/..."
    """Which paths lead there, as WAGI writes it."""
    server: str = ""
    """What the server is called; empty where only `Host` may say so."""
    port: str = ""
    """Its port, where the request says one."""
    scheme: str = "http"
    protocol: str = "HTTP/1.1"
    remote_port: int = 0
    user: str = ""
    """Who its key says that it is."""


def way_to(uri: str) -> Way:
    """The way of what came by no route: all of the path is behind the script."""
    path, _, query = uri.partition("?")
    return Way(uri or "/", unquote(path, errors="surrogateescape"), path, query)


def surroundings(
    config: FunctionConfig,
    method: str,
    way: Way,
    headers: Mapping[str, Sequence[str]],
    body: bytes,
    *,
    trace: str,
    tenant: str,
    client_ip: str,
    trigger: str,
    attempt: int = 1,
) -> Surroundings:
    """What a function finds around it when it is a CGI script; `headers` have names in `Title-Case`.

    Its own variables and arguments go before all that a request brings.
    """
    env = {
        **fields(headers),
        **server(way, headers),
        "REQUEST_METHOD": method,
        "QUERY_STRING": way.query,
        "REMOTE_ADDR": client_ip,
        "REMOTE_HOST": client_ip,
        "TRACEPARENT": trace,
        "GOJINN_TENANT": tenant,
        "GOJINN_TRIGGER": trigger,
        "GOJINN_ATTEMPT": str(attempt),
    }
    if body or "Content-Length" in headers or "Transfer-Encoding" in headers:
        env["CONTENT_LENGTH"] = str(len(body))
    if "Content-Type" in headers:
        env["CONTENT_TYPE"] = headers["Content-Type"][0]
    if way.remote_port:
        env["REMOTE_PORT"] = str(way.remote_port)
    if way.user:
        env |= {"AUTH_TYPE": "Bearer", "REMOTE_USER": way.user}
    env = {name: fit(value) for name, value in env.items()}
    env |= {variable.name: variable.value.reveal() for variable in config.env}
    args = config.args or search_words(method, way.query)
    return Surroundings((config.name, *args), env)


def server(way: Way, headers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The variables that tell of the server, and of the address that the script has on it."""
    name, port = (way.server, way.port) if way.server else authority(headers.get("Host", ()))
    found = {
        "GATEWAY_INTERFACE": "CGI/1.1",
        "SERVER_SOFTWARE": "Gojinn",
        "SERVER_PROTOCOL": way.protocol,
        "SERVER_NAME": name,
        "SERVER_PORT": port or PORTS[way.scheme],
        "REQUEST_SCHEME": way.scheme,
        "REQUEST_URI": way.uri,
        "SCRIPT_NAME": way.script,
        "PATH_INFO": way.path,
        "X_FULL_URL": f"{way.scheme}://{name}{':' if port else ''}{port}{way.uri}",
        "X_MATCHED_ROUTE": way.route,
        "X_RAW_PATH_INFO": way.raw_path,
    }
    if way.path:
        found["PATH_TRANSLATED"] = way.path
    if way.scheme == "https":
        found["HTTPS"] = "on"
    return found


def fields(headers: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The variables of header fields. Those that could pass for others are left out."""
    found: dict[str, str] = {}
    for name, values in headers.items():
        key = variable(name)
        if key is not None and values:
            found[key] = values[0] if len(values) == 1 else ("; " if name == "Cookie" else ", ").join(values)
    return found


@lru_cache(maxsize=1024)
def variable(name: str) -> str | None:
    """What a header field is called in the environment; None where it is not there."""
    if name.lower() in DROPPED or not PLAIN.fullmatch(name):
        return None
    return "HTTP_" + name.upper().replace("-", "_")


def authority(hosts: Sequence[str]) -> tuple[str, str]:
    """Name and port of the server as a request says them."""
    found = AUTHORITY.fullmatch(hosts[0]) if hosts else None
    return (found[1], found[2] or "") if found is not None else ("localhost", "")


def search_words(method: str, query: str) -> tuple[str, ...]:
    """The words of a query that is a search (`?fresh+bread`), RFC 3875, section 4.4; none when one of them
    can be no argument, or would be an option: a script is not asked for those by its clients
    (CVE-2012-1823)."""
    if method not in SEARCHES or not query or "=" in query:
        return ()
    try:
        words = tuple(unquote_to_bytes(word).decode() for word in query.split("+"))
    except UnicodeError:
        return ()
    return () if any("\0" in word or word.startswith("-") for word in words) else words


def fit(value: str) -> str:
    """Replaces what no variable can hold."""
    return value if value.isascii() and "\0" not in value else UNFIT.sub(REPLACEMENT, value)
