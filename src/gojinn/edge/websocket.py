"""WebSocket on connections of ours (RFC 6455): handshake, messages, pings, the end. Handlers do the talking.

    return accept(request, talk, protocols=("chat",))

where `await talk(websocket)` receives and sends until it has had enough. Frames are `websockets`' business.
"""

from __future__ import annotations

import asyncio
import binascii
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from websockets.exceptions import InvalidState
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, Protocol, State
from websockets.utils import accept_key

from gojinn.edge.message import Disconnected, Request, Response, Tunnel
from gojinn.edge.refusal import Refused

LARGEST = 10_000_000
"""Bytes of a message, as of a request's body."""
QUIET = 30.0
"""Seconds without a sign of the client after which it is pinged; after as many more it is gone."""
FAREWELL = 2.0
"""Seconds in which a client may agree to the end."""

NORMAL, GOING_AWAY, UNSUPPORTED, INVALID, POLICY, FAILED = 1000, 1001, 1003, 1007, 1008, 1011
"""Close codes (RFC 6455, section 7.4.1)."""
LONGEST_REASON = 123
"""Bytes that a close frame has for its reason."""

TEXT, BINARY, CONTINUATION = Opcode.TEXT, Opcode.BINARY, Opcode.CONT

Talk = Callable[["WebSocket"], Awaitable[None]]


class WebSocket:
    """One conversation. One task receives; any may send."""

    __slots__ = ("_messages", "_parts", "_protocol", "_tunnel", "_whole_text", "_writing", "subprotocol")

    def __init__(self, tunnel: Tunnel, subprotocol: str = "", largest: int = LARGEST) -> None:
        self.subprotocol = subprotocol
        """What was agreed on, or empty."""
        self._tunnel = tunnel
        self._protocol = Protocol(SERVER, state=State.OPEN, max_size=largest)
        self._messages: deque[str | bytes] = deque()
        self._parts: list[bytes] = []
        self._whole_text = False
        self._writing = asyncio.Lock()

    @property
    def open(self) -> bool:
        """Whether messages can be sent."""
        return self._protocol.state is State.OPEN

    @property
    def leaving(self) -> bool:
        """Whether the server is stopping: the handler should close as soon as it can."""
        return self._tunnel.leaving

    def when_leaving(self, action: Callable[[], None]) -> None:
        """Has something called when the server begins to stop."""
        self._tunnel.on_leave = action

    async def receive(self) -> str | bytes | None:
        """Returns the next message, None when there will be none: closed by either side, broken, or gone."""
        while not self._messages:
            if self._protocol.state is not State.OPEN:
                return None
            data = await self._arrival()
            if data:
                self._protocol.receive_data(data)
            else:
                self._protocol.receive_eof()
            for event in self._protocol.events_received():
                assert isinstance(event, Frame)
                self._take(event)
            await self._flush()
        return self._messages.popleft()

    async def send(self, message: str | bytes) -> None:
        """Sends a message, waiting while the client is slow. Raises Disconnected when it is gone."""
        data = message.encode() if isinstance(message, str) else message
        await self.send_data(data, text=isinstance(message, str))

    async def send_data(self, data: bytes, *, text: bool) -> None:
        """Sends a message that is in bytes already, UTF-8 if it is a text. Raises Disconnected."""
        try:
            (self._protocol.send_text if text else self._protocol.send_binary)(data)
        except InvalidState as error:
            raise Disconnected("the conversation is over") from error
        await self._flush()

    async def close(self, code: int = NORMAL, reason: str = "") -> None:
        """Says goodbye, if nobody has yet. Raises Disconnected."""
        if self._protocol.state is State.OPEN:
            self._protocol.send_close(code, clipped(reason))
            await self._flush()

    async def end(self) -> None:
        """Waits a moment for the client to agree, then ends the connection."""
        try:
            async with asyncio.timeout(FAREWELL):
                while self._protocol.close_rcvd is None and not self._protocol.eof_sent:
                    data = await self._tunnel.read()
                    if not data:
                        break
                    self._protocol.receive_data(data)
                    self._protocol.events_received()
        except TimeoutError:
            pass
        if self._protocol.close_rcvd is None:
            self._tunnel.abandon()
        else:
            self._tunnel.close()

    async def _arrival(self) -> bytes:
        """Reads what comes next; a client that has fallen silent is pinged, then given up."""
        try:
            async with asyncio.timeout(QUIET):
                return await self._tunnel.read()
        except TimeoutError:
            self._protocol.send_ping(b"")
            await self._flush()
        try:
            async with asyncio.timeout(QUIET):
                return await self._tunnel.read()
        except TimeoutError:
            return b""

    def _take(self, frame: Frame) -> None:
        """Puts messages together."""
        if frame.opcode is TEXT or frame.opcode is BINARY:
            self._whole_text = frame.opcode is TEXT
        elif frame.opcode is not CONTINUATION:
            return
        self._parts.append(bytes(frame.data))
        if frame.fin:
            message = b"".join(self._parts)
            self._parts.clear()
            self._add(message)

    def _add(self, message: bytes) -> None:
        """Adds a whole message; a text that is none ends the conversation (section 8.1)."""
        if not self._whole_text:
            self._messages.append(message)
            return
        try:
            self._messages.append(message.decode())
        except UnicodeDecodeError:
            self._protocol.fail(INVALID, "a text message is not UTF-8")

    async def _flush(self) -> None:
        """Writes what the protocol has to say. An end of the stream is left to `end`."""
        async with self._writing:
            data = b"".join(self._protocol.data_to_send())
            if data:
                await self._tunnel.write(data)


def accept(
    request: Request, talk: Talk, *, protocols: Sequence[str] = (), largest: int = LARGEST
) -> Response:
    """Makes the response that turns a request into a conversation; the first of our protocols that the client
    offers is agreed on. Raises Refused for what is no handshake."""
    key = handshake_key(request)
    offered = offered_protocols(request)
    chosen = next((name for name in protocols if name in offered), "")
    request.answer += [(b"upgrade", b"websocket"), (b"connection", b"Upgrade")]
    request.answer.append((b"sec-websocket-accept", accept_key(key).encode()))
    if chosen:
        request.answer.append((b"sec-websocket-protocol", chosen.encode()))

    async def upgrade(tunnel: Tunnel) -> None:
        websocket = WebSocket(tunnel, chosen, largest)
        try:
            try:
                await talk(websocket)
            except Exception:
                await websocket.close(FAILED)
                raise
            await websocket.close(GOING_AWAY if websocket.leaving else NORMAL)
            await websocket.end()
        except Disconnected:
            tunnel.close()

    return Response(101, request.answer, upgrade=upgrade)


def handshake_key(request: Request) -> str:
    """Checks a handshake (section 4.2.1) and returns its key. Raises Refused."""
    if request.method != "GET" or request.version != "1.1" or not wants_upgrade(request):
        raise Refused(426, "upgrade", "this address speaks WebSocket", hint="connect with a WebSocket client")
    if request.header(b"sec-websocket-version") != b"13":
        request.answer.append((b"sec-websocket-version", b"13"))
        raise Refused(426, "upgrade", "this server speaks version 13 of WebSocket")
    key = request.header(b"sec-websocket-key") or b""
    try:
        nonce = binascii.a2b_base64(key, strict_mode=True)
    except binascii.Error:
        nonce = b""
    if len(nonce) != 16:
        raise Refused(400, "malformed", "Sec-WebSocket-Key is not 16 bytes in base64")
    return key.decode("ascii")


def wants_upgrade(request: Request) -> bool:
    """Tells whether a client asks for WebSocket."""
    if (request.header(b"upgrade") or b"").lower() != b"websocket":
        return False
    connection = b",".join(value for name, value in request.raw_headers if name == b"connection")
    return b"upgrade" in (part.strip().lower() for part in connection.split(b","))


def offered_protocols(request: Request) -> list[str]:
    """Lists the subprotocols that a client offers."""
    lines = [value for name, value in request.raw_headers if name == b"sec-websocket-protocol"]
    text = b",".join(lines).decode("latin-1")
    return [part.strip() for part in text.split(",") if part.strip()]


def clipped(reason: str) -> str:
    """Shortens a reason to what a close frame holds."""
    return reason.encode()[:LONGEST_REASON].decode(errors="ignore")
