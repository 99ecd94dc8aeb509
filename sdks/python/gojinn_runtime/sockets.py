"""`socket` for clients of HTTP: what is sent is asked of the host as one request. Nothing can listen.

Names are not resolved here: they are the addresses. How the bytes become a request is `wire`'s.
"""

from __future__ import annotations

import io
from _socket import AF_INET, EAI_FAIL, IPPROTO_TCP, SOCK_STREAM, gaierror, getdefaulttimeout
from typing import Any

from gojinn_sdk.errors import Error
from gojinn_sdk.host import call, given

from gojinn_runtime.wire import ONLY_HTTP, Exchange, error_of

Address = tuple[Any, ...]
UNSET: Any = object()
MISSING = {
    "SO_REUSEADDR": 2, "SO_ERROR": 4, "SO_SNDBUF": 7, "SO_RCVBUF": 8, "SO_KEEPALIVE": 9, "SO_LINGER": 13,
    "SO_RCVTIMEO": 20, "SO_SNDTIMEO": 21, "TCP_KEEPIDLE": 4, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 6,
}  # fmt: skip
"""Names that programs use and WASI does not have; what is set by them has no effect."""


class Socket:
    """A connection to a server of HTTP."""

    def __init__(self, family: int = -1, type: int = -1, proto: int = -1, fileno: int | None = None) -> None:
        """Raises OSError for what would not be a client's connection."""
        if fileno is not None or type not in (-1, SOCK_STREAM):
            raise OSError(ONLY_HTTP)
        self.family = AF_INET if family == -1 else family
        self.type = SOCK_STREAM
        self.proto = max(proto, 0)
        self.timeout: float | None = getdefaulttimeout()
        self.exchange: Exchange | None = None
        self.id: Any = None
        """Of the request that is under way."""
        self.failure: OSError | None = None
        self.received = memoryview(b"")

    def connect(self, address: Address) -> None:
        """Remembers where requests go."""
        if not isinstance(address, tuple):
            raise OSError(f"{ONLY_HTTP}: not to {address!r}")
        self.exchange = Exchange(named(address[0]), int(address[1]))

    def connect_ex(self, address: Address) -> int:
        self.connect(address)
        return 0

    def sendall(self, data: Any, flags: int = 0) -> None:
        """Sends a piece of the request. After the last it waits, so that failures are those of sending."""
        exchange = self.connected()
        try:
            request = exchange.take(data)
            if request is not None:
                self.id = started(request)
                self.wait()
        except OSError as error:
            self.failure = error
            raise

    def send(self, data: Any, flags: int = 0) -> int:
        self.sendall(data)
        return memoryview(data).nbytes

    def sendto(self, data: Any, *arguments: Any) -> int:
        raise OSError(ONLY_HTTP)

    def connected(self) -> Exchange:
        if self.exchange is None:
            raise OSError(107, "the socket is not connected")
        return self.exchange

    def wait(self) -> bool:
        """Waits for the answer for as long as the socket's timeout; whether it is there."""
        try:
            done = call("http.wait", given(ids=[self.id], timeout=self.timeout))
        except Error as error:
            raise error_of(error.code, error.message) from None
        if "id" not in done:
            return False
        self.id = None
        if "error" in done:
            raise error_of(**done["error"])
        self.received = memoryview(self.connected().answer(done["answer"]))
        return True

    def recv_into(self, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        """Reads what there is of the answer, and waits for it before. Raises TimeoutError."""
        if self.failure is not None:
            raise self.failure
        exchange = self.connected()
        if exchange.ready:
            self.received = memoryview(bytes(exchange.ready + self.received))
            exchange.ready.clear()
        elif self.id is not None:
            try:
                if not self.wait():
                    raise TimeoutError("timed out")
            except OSError as error:
                self.failure = error
                raise
        elif not exchange.is_whole:
            raise OSError(f"{ONLY_HTTP}: there is no answer before a whole request")
        view = memoryview(buffer).cast("B")
        count = min(nbytes or len(view), len(view), len(self.received))
        view[:count] = self.received[:count]
        self.received = self.received[count:]
        return count

    def recv(self, bufsize: int, flags: int = 0) -> bytes:
        buffer = bytearray(bufsize)
        return bytes(memoryview(buffer)[: self.recv_into(buffer)])

    def makefile(self, mode: str = "r", buffering: int | None = None, **options: Any) -> Any:
        """A file to read the answer from, or to write the request to."""
        raw = Stream(self)
        if buffering == 0:
            return raw
        if "r" not in mode:
            return io.BufferedWriter(raw)
        reader = io.BufferedReader(raw, buffering if buffering and buffering > 0 else 1 << 16)
        return reader if "b" in mode else io.TextIOWrapper(reader, **options)

    def settimeout(self, value: float | None) -> None:
        self.timeout = value

    def gettimeout(self) -> float | None:
        return self.timeout

    def setblocking(self, flag: bool) -> None:
        self.timeout = None if flag else 0.0

    def setsockopt(self, *arguments: Any) -> None:
        """Such options are the host's."""

    def getsockopt(self, *arguments: Any) -> int:
        return 0

    def getpeername(self) -> Address:
        exchange = self.connected()
        return exchange.host, exchange.port

    def getsockname(self) -> Address:
        return "0.0.0.0", 0

    def fileno(self) -> int:
        return -1

    def bind(self, address: Any) -> None:
        """Which address of its own it has is the host's."""

    def listen(self, *arguments: Any) -> None:
        raise OSError("a function cannot listen: it is asked by its triggers")

    accept = listen

    def shutdown(self, how: int) -> None:
        """There is nothing to tell."""

    def close(self) -> None:
        """Gives up what is under way."""
        if self.id is not None:
            call("http.cancel", {"id": self.id})
            self.id = None

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


class Stream(io.RawIOBase):
    """A socket as a file. Closing it leaves the socket open."""

    def __init__(self, connection: Socket) -> None:
        self.connection = connection

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self.connection.recv_into(buffer)

    def write(self, data: Any) -> int:
        return self.connection.send(data)


def started(request: dict[str, Any]) -> Any:
    """Has the host begin with a request; its id. Raises OSError."""
    try:
        return call("http.start", request)["id"]
    except Error as error:
        raise error_of(error.code, error.message) from None


def create_connection(
    address: Address, timeout: Any = UNSET, source_address: Any = None, *, all_errors: bool = False
) -> Socket:
    """A connection to a server."""
    connection = Socket()
    if timeout is None or isinstance(timeout, (int, float)):  # or it stands for the default
        connection.settimeout(timeout)
    connection.connect(address)
    return connection


def getaddrinfo(host: Any, port: Any, family: int = 0, type: int = 0, proto: int = 0, flags: int = 0) -> Any:
    """The name itself: its addresses are the host's to find, and to allow."""
    usual = {"http": 80, "https": 443, None: 0}
    number = usual[port] if port in usual else int(port)
    return [(AF_INET, SOCK_STREAM, IPPROTO_TCP, "", (named(host), number))]


def gethostbyname(host: str) -> Any:
    """Raises gaierror."""
    raise gaierror(EAI_FAIL, f"'{host}' is not looked up in a sandbox: the host does when it connects")


def named(host: Any) -> str:
    """A host's name as text."""
    return host.decode() if isinstance(host, (bytes, bytearray)) else host or "localhost"


def amend(module: Any) -> None:
    """Puts this in the place of what WASI does not have."""
    for name, value in MISSING.items():
        if not hasattr(module, name):
            setattr(module, name, value)
    module.socket = module.SocketType = Socket
    module.create_connection = create_connection
    module.getaddrinfo = getaddrinfo
    module.gethostbyname = module.gethostbyname_ex = gethostbyname
