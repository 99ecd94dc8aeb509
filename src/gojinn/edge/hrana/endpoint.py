"""A database at a route: paths, tokens, answers. What is asked for, `gojinn.libsql` carries out."""

from __future__ import annotations

from gojinn.edge.hrana.conversation import is_hrana, upgrade
from gojinn.edge.message import Handler, Request, Response
from gojinn.edge.placeholders import Template
from gojinn.errors import Denied, NotFound
from gojinn.functions.lines import DEFAULT_TENANT
from gojinn.libsql.config import LibsqlConfig
from gojinn.libsql.gate import Access, AuthFailed, Gate
from gojinn.libsql.relay import Reply
from gojinn.libsql.server import VERSION, Asked, LibsqlDatabase, fault

PIPELINES: dict[str, tuple[str, str, int]] = {
    "/v2/pipeline": ("pipeline", "json", 2),
    "/v3/pipeline": ("pipeline", "json", 3),
    "/v3/cursor": ("cursor", "json", 3),
    "/v3-protobuf/pipeline": ("pipeline", "protobuf", 3),
    "/v3-protobuf/cursor": ("cursor", "protobuf", 3),
}
"""Endpoint, encoding and version of the protocol, by how a path ends."""
ONCE = {"/v1/execute": "execute", "/v1/batch": "batch", "/queries": "queries", "/": "queries"}
"""Endpoints without streams; the last two are from the time before Hrana."""
PROBES = frozenset(("/v1", "/v2", "/v3", "/v3-protobuf"))
"""Ends of paths that clients ask for to find out what a server speaks."""
TOLD = {"/version": VERSION.encode(), "/health": b""}
"""What is told to who asks and nobody else answers; DBeaver's driver reads the version."""
SHORT = PROBES | {"/queries"}

CROSS_ORIGIN = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, POST, OPTIONS"),
    (b"access-control-allow-headers", b"authorization, content-type, x-turso-encryption-key"),
    (b"access-control-max-age", b"86400"),
)
"""Pages of any site may ask: a browser does not send tokens by itself."""


class Endpoint:
    """A database at a route."""

    def __init__(self, config: LibsqlConfig, database: LibsqlDatabase, following: Handler) -> None:
        self.database = database
        self.following = following
        self.gate = Gate(config.auth_tokens, config.read_only_tokens, config.jwt_keys, config.namespace)
        self.tenant = Template(config.tenant) if config.tenant else None

    async def handle(self, request: Request) -> Response:
        """Answers what belongs to the protocol, and passes on what does not."""
        end = tail(request.path)
        if is_hrana(request, end):
            self.admit_origin(request)
            return upgrade(request, self.database, self.gate, self.tenant_of)
        if end not in PIPELINES and end not in ONCE and end not in PROBES:
            return await self.pass_on(request)
        if request.method == "OPTIONS":
            self.admit_origin(request)
            return Response(204, request.answer)
        if end in PROBES:
            request.answer.append((b"content-type", b"text/plain"))
            return Response(200, request.answer, b"Hello, this is Hrana over HTTP\n")
        if request.method == "POST":
            return await self.ask(request, end)
        return await self.pass_on(request)

    async def pass_on(self, request: Request) -> Response:
        """Has the directives that follow answer. Clients take an empty 200 for a yes, so none is given."""
        response = await self.following(request)
        if not response.implicit:
            return response
        told = TOLD.get(last(request.path))
        if told is None:
            raise NotFound("there is nothing at this address")
        request.answer.append((b"content-type", b"text/plain"))
        return Response(200, request.answer, told)

    def admit_origin(self, request: Request) -> None:
        """Lets pages of other sites ask. Raises Denied where everybody is let in: a page could then use a
        database that only its reader's machine can reach."""
        if not self.gate.open:
            request.answer.extend(CROSS_ORIGIN)
            return
        origin = request.header(b"origin")
        own = request.header(b"host") or b""
        if origin is not None and origin.lower().partition(b"://")[2] != own.lower():
            hint = "give the database an 'auth_token' instead of 'no_auth'"
            raise Denied("pages of other sites are not let in", hint=hint)

    async def ask(self, request: Request, end: str) -> Response:
        """Answers a request of the protocol over HTTP."""
        self.admit_origin(request)
        try:
            access = self.gate.header(request.header(b"authorization"))
            tenant = self.tenant_of(request, access)
        except AuthFailed as failed:
            return await respond(request, fault(401, failed.fault))
        body = await request.body.read()
        if end in ONCE:
            reply = await self.database.ask_once(ONCE[end], body, tenant, readonly=access.readonly)
        else:
            endpoint, encoding, version = PIPELINES[end]
            reply = await self.database.ask(Asked(endpoint, encoding, version, access.readonly, body), tenant)
        return await respond(request, reply)

    def tenant_of(self, request: Request, access: Access) -> str:
        """Finds whose database is meant. Raises AuthFailed for somebody else's token."""
        if self.tenant is None:
            return access.tenant or DEFAULT_TENANT
        tenant = self.tenant.render(request)
        if access.tenant not in ("", tenant):
            raise AuthFailed("AUTH_FAILED", "The token is for another database")
        return tenant


def tail(path: str) -> str:
    """Returns the end of a path that tells what is asked for, wherever the site has put the database."""
    end = last(path)
    path = path.rstrip("/")
    if end in SHORT or path.count("/") < 2:
        return end
    return path[path.rfind("/", 0, -len(end)) :]


def last(path: str) -> str:
    """Returns the last part of a path, with its slash."""
    path = path.rstrip("/")
    return path[path.rfind("/") :] or "/"


async def respond(request: Request, reply: Reply) -> Response:
    """Makes the response; what is in one piece gets its length."""
    head, body = reply
    request.answer.append((b"content-type", head.content_type))
    if head.whole:
        return Response(head.status, request.answer, b"".join([piece async for piece in body]))
    return Response(head.status, request.answer, body)
