"""Hrana over our WebSockets: which requests begin it, how messages travel. Talking is `libsql.talk`'s."""

from __future__ import annotations

from collections.abc import Callable

from gojinn.edge.message import Disconnected, Request, Response
from gojinn.edge.websocket import WebSocket, accept, offered_protocols, wants_upgrade
from gojinn.libsql.gate import Access, Gate
from gojinn.libsql.messages import JSON_MESSAGES, MessageCodec
from gojinn.libsql.protobuf.codec import ProtobufMessages
from gojinn.libsql.server import LibsqlDatabase
from gojinn.libsql.talk import Admitted, Talk

SUBPROTOCOLS: dict[str, tuple[MessageCodec, int]] = {
    "hrana3-protobuf": (ProtobufMessages(), 3),
    "hrana3": (JSON_MESSAGES, 3),
    "hrana2": (JSON_MESSAGES, 2),
    "hrana1": (JSON_MESSAGES, 1),
}
"""Encoding and version, by the subprotocol of WebSocket; the best one first."""
FIRST = "hrana1"
"""What clients speak that name no subprotocol."""

TenantOf = Callable[[Request, Access], str]


def is_hrana(request: Request, end: str) -> bool:
    """Tells whether a request begins a conversation of ours: it offers a subprotocol, or none at our root."""
    if not wants_upgrade(request):
        return False
    offered = offered_protocols(request)
    return any(name in SUBPROTOCOLS for name in offered) or (not offered and end == "/")


def upgrade(request: Request, database: LibsqlDatabase, gate: Gate, tenant_of: TenantOf) -> Response:
    """Begins a conversation. Raises Refused."""

    async def admit(token: str | None) -> Admitted:
        access = gate.token(token)
        return access, await database.visit(tenant_of(request, access))

    async def talk(websocket: WebSocket) -> None:
        codec, version = SUBPROTOCOLS[websocket.subprotocol or FIRST]
        try:
            await Talk(Channel(websocket), codec, version, admit).run()
        except ConnectionError as error:
            raise Disconnected("the client is gone") from error

    return accept(request, talk, protocols=tuple(SUBPROTOCOLS), largest=request.body.limit)


class Channel:
    """A WebSocket as a conversation sees it."""

    __slots__ = ("_websocket",)

    def __init__(self, websocket: WebSocket) -> None:
        self._websocket = websocket

    @property
    def leaving(self) -> bool:
        """Whether the server is stopping."""
        return self._websocket.leaving

    def when_leaving(self, action: Callable[[], None]) -> None:
        """Has something called when that comes true."""
        self._websocket.when_leaving(action)

    async def receive(self) -> str | bytes | None:
        """Returns the next message, None when there will be none."""
        try:
            return await self._websocket.receive()
        except Disconnected:
            return None

    async def send(self, data: bytes, *, text: bool) -> None:
        """Sends a message."""
        try:
            await self._websocket.send_data(data, text=text)
        except Disconnected as error:
            raise ConnectionResetError("the client is gone") from error

    async def close(self, code: int, reason: str) -> None:
        """Says goodbye."""
        try:
            await self._websocket.close(code, reason)
        except Disconnected as error:
            raise ConnectionResetError("the client is gone") from error
