"""The admin listener in the supervisor, and who may talk to it. What it answers is `control`'s."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from gojinn.config.model import Config
from gojinn.edge.listeners import ListenerKey
from gojinn.edge.message import Handler, Request, Response
from gojinn.edge.server import Edge
from gojinn.edge.tenure import Tenure
from gojinn.errors import Denied, StartError
from gojinn.process.sockets import Listening, Sockets, show

OFF = "off"
GRACE = 1.0
"""Seconds that the answer to a stop gets on its way."""
HINT = "choose another with the global option 'admin', such as 'admin 127.0.0.1:0' or 'admin off'"

Opening = Mapping[ListenerKey, Listening]
"""The admin listener that is bound, at most one, which need not answer yet."""


class Admin:
    """The listener. A reload may move or close it, by the same two steps as everything else."""

    def __init__(self) -> None:
        self.edge: Edge
        self.sockets = Sockets()

    async def __aenter__(self) -> Self:
        self.edge = Edge()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.edge.drain(GRACE)
        self.sockets.close()

    def answer_with(self, handler: Handler) -> None:
        """Says what answers, for those who may ask."""
        self.edge.tenure = Tenure(guarded(handler), Config())

    def bind(self, setting: str) -> Opening:
        """Binds the address of a setting. Raises StartError; the present listener stays as it is."""
        if setting == OFF:
            return {}
        host, _, port = setting.rpartition(":")
        try:
            return self.sockets.bind({ListenerKey(host.strip("[]"), int(port), False): "option 'admin'"})
        except StartError as error:
            raise StartError(error.message, hint=HINT) from error

    def drop(self, opening: Opening) -> None:
        """Closes what was bound for a configuration that is not kept."""
        self.sockets.drop(opening)

    async def serve(self, opening: Opening) -> None:
        """Answers there from now on, and no longer where it did before."""
        before = list(self.sockets.open)
        for key, listening in opening.items():
            if key not in before:
                await self.edge.listen(key, listening.socket.dup())
        for key in before:
            if key not in opening:
                await self.edge.close_listener(key)
        self.sockets.keep(opening)

    @property
    def url(self) -> str | None:
        """Where it answers, None when it is off."""
        for listening in self.sockets.open.values():
            return f"http://{show(*listening.address)}"
        return None


def guarded(handler: Handler) -> Handler:
    """Lets only programs in: a web page that makes a browser ask is refused.

    A page of another origin announces itself by Origin or Sec-Fetch-Site. One whose name was made to mean
    this address (DNS rebinding) has its name in Host, where programs have an address or `localhost`.
    """

    async def guard(request: Request) -> Response:
        if not is_local_name(request.host):
            raise Denied(
                f"the admin listener does not answer for host '{request.host}'",
                hint="ask for it by its address or as localhost",
            )
        origin, site = request.header(b"origin"), request.header(b"sec-fetch-site")
        if origin is not None or site not in (None, b"none"):
            raise Denied("the admin listener does not answer web pages", hint="use 'gojinn status' or curl")
        return await handler(request)

    return guard


def is_local_name(host: str) -> bool:
    """Whether a host is no name that somebody else could point here."""
    if host == "localhost":
        return True
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
