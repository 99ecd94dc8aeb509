"""The `gojinn` directive: a request becomes an invocation, its result a response. Runs nothing itself."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from hmac import compare_digest

from gojinn.config.directive import Directive
from gojinn.edge.debug import logs_header
from gojinn.edge.handler import BuildContext
from gojinn.edge.message import Handler, Middleware, Request, Response
from gojinn.edge.script import Place, places, way_of
from gojinn.errors import BadRequest, Unauthorized, Unavailable, clip
from gojinn.functions.asked import asked
from gojinn.functions.background import Background, Call
from gojinn.functions.config import FunctionConfig, parse
from gojinn.functions.envelope import header_table
from gojinn.functions.environment import resolve
from gojinn.functions.invocation import Invocation
from gojinn.functions.lines import DEFAULT_TENANT
from gojinn.functions.modules import Modules
from gojinn.functions.registry import Binding
from gojinn.functions.reply import Reply
from gojinn.functions.runner import Runner
from gojinn.functions.streamed import Streamed, answered
from gojinn.trust.keyring import Keyring

BEARER = b"bearer "
ADDED = frozenset((b"set-cookie", b"vary"))
"""Fields of a function that stand beside those that directives have set; others take their place."""


class Endpoint:
    """A function at a route.

    What is the platform's own does not reach the function: `X-Gojinn-Debug`, and the header whose key was
    accepted. Everything else does, `Authorization` of a route without keys included.
    """

    __slots__ = ("background", "binding", "debug", "keyring", "name", "places", "runner", "written")

    def __init__(
        self,
        config: FunctionConfig,
        runner: Runner,
        binding: Binding,
        *,
        written: FunctionConfig,
        background: Background | None,
        places: Sequence[Place] = (),
    ) -> None:
        self.name = config.name
        self.written = written
        """As the Caddyfile has it, which is what its jobs are known by."""
        self.background = background
        self.places = places
        """Where its path begins, for scripts."""
        self.runner = runner
        self.binding = binding
        self.keyring = (
            Keyring((k.tenant, k.key.reveal()) for k in config.api_keys) if config.api_keys else None
        )
        self.debug = None if config.debug_secret is None else config.debug_secret.reveal().encode()

    async def handle(self, request: Request) -> Response:
        """Answers a request. Raises Unauthorized, LimitExceeded, FunctionError, Unavailable.

        Cancelling it, as the server does when the client goes away, kills the guest.
        """
        request.function = self.name
        headers = header_table(request.raw_headers)
        tenant = DEFAULT_TENANT
        if self.keyring is not None:
            request.tenant = tenant = admit(self.keyring, request, headers)
        given = headers.pop("X-Gojinn-Debug", None)
        wanted = headers.pop("X-Gojinn-Async", None)
        if wanted is not None and is_true(wanted[0]):
            return await self.send(request, headers, tenant)
        shows_log = given is not None and self.debug is not None and is_secret(self.debug, given[0])
        body = request.body.at_hand()
        if body is None:
            body = await request.body.read()
        invocation = self.invocation(request, headers, body, tenant)
        invocation.parts = invocation.function.bare and not shows_log
        run = self.runner.run(invocation)
        result = await (answered(invocation, run) if invocation.parts else run)
        if isinstance(result, Streamed):
            return response(request, result.head, result)
        if shows_log:
            request.answer.append(logs_header(result.log))
        if result.reply is None:
            assert result.error is not None
            raise result.error
        return response(request, result.reply)

    async def send(self, request: Request, headers: dict[str, list[str]], tenant: str) -> Response:
        """Has the request carried out later; answers 202 once that is on disk."""
        if self.background is None:
            raise Unavailable("this server keeps no jobs", hint="ask without 'X-Gojinn-Async'")
        key = headers.get("Idempotency-Key", [""])[0]
        call = Call(
            request.original_target,
            headers,
            await request.body.read(),
            tenant,
            request.client_ip,
            request.trace.traceparent,
            key,
        )
        id = await self.background.send(self.written, call)
        request.answer += [
            (b"x-gojinn-job-id", id.encode()),
            (b"location", f"/_sys/jobs/{id}".encode()),
            (b"content-type", b"application/json"),
        ]
        return Response(202, request.answer, f'{{"job":"{id}"}}'.encode())

    def invocation(
        self, request: Request, headers: dict[str, list[str]], body: bytes, tenant: str
    ) -> Invocation:
        """Makes the invocation of a request."""
        function = self.binding.function
        assert function is not None
        return asked(
            function,
            request.method,
            request.original_target,
            headers,
            body,
            trace=request.trace.traceparent,
            tenant=tenant,
            client_ip=request.client_ip,
            trigger="http",
            way=way_of(request, self.places, user=request.tenant) if function.script else None,
        )


def response(request: Request, reply: Reply, stream: AsyncIterator[bytes] | None = None) -> Response:
    """Makes the response of a reply, whose fields go before those that directives have set. A `stream` is its
    body."""
    answer, names = request.answer, reply.names
    repeats = reply.repeats and len(answer) == 1  # only Server: what directives add may be new each time
    for name, _ in answer:
        if name in names:
            answer[:] = [field for field in answer if field[0] not in names or field[0] in ADDED]
            break
    answer += reply.headers
    return Response(reply.status, answer, stream or reply.body, repeats=repeats)


def admit(keyring: Keyring, request: Request, headers: dict[str, list[str]]) -> str:
    """Returns the tenant of the request's key and takes its header away. Raises Unauthorized.

    `X-API-Key` goes before `Authorization: Bearer`, which may then be the function's own business.
    """
    name, key = "X-Api-Key", request.header(b"x-api-key")
    if key is None:
        name, given = "Authorization", request.header(b"authorization") or b""
        key = given[len(BEARER) :].strip() if given[: len(BEARER)].lower() == BEARER else None
    if key is None:
        hint = "send it as X-API-Key or as Authorization: Bearer"
        raise Unauthorized("this route needs an API key", hint=hint)
    tenant = keyring.tenant(key)
    if tenant is None:
        raise Unauthorized("the API key is not known on this route")
    del headers[name]
    return tenant


def is_true(given: str) -> bool:
    """Reads `X-Gojinn-Async`. Raises BadRequest for what is neither yes nor no: it must not be guessed."""
    if given.lower() not in ("true", "1", "false", "0"):
        raise BadRequest(f"wrong 'X-Gojinn-Async': given '{clip(given)}', expected 'true' or 'false'")
    return given.lower() in ("true", "1")


def is_secret(secret: bytes, given: str) -> bool:
    """Compares in a time that tells nothing about the secret."""
    return compare_digest(secret, given.encode())


def build(config: FunctionConfig, context: BuildContext) -> Middleware:
    """Makes the handler; its function is bound for as long as the generation lives."""
    runner, written = context.service(Runner), config
    config = resolve(config, runner.registry.environ)
    binding = runner.registry.binding(config, context.service(Modules))
    context.resources.append(binding)
    background = context.services.get(Background)
    found = places(context.paths) if config.script else ()
    endpoint = Endpoint(config, runner, binding, written=written, background=background, places=found)

    def middleware(following: Handler) -> Handler:
        return endpoint.handle

    return middleware


DIRECTIVE = Directive("gojinn", FunctionConfig, parse, build)
