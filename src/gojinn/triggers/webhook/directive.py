"""The directive `webhook`: checks a delivery and makes a job of it. Running that is the queue's business."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec

from gojinn.config.directive import Directive
from gojinn.config.units import Secret
from gojinn.edge.handler import BuildContext
from gojinn.edge.message import Handler, Middleware, Request, Response
from gojinn.errors import ConfigError, Unauthorized, Unavailable, WrongMethod
from gojinn.fabric.jobs.job import Job, keyed_id
from gojinn.fabric.jobs.store import Jobs, Published
from gojinn.functions.envelope import header_table
from gojinn.functions.lines import ENVIRONMENT
from gojinn.functions.runner import Runner
from gojinn.observe.log import get
from gojinn.triggers.webhook.config import WORD, WebhookConfig, parse
from gojinn.trust.webhook import SCHEMES, Delivery, Rejected

JSON = (b"content-type", b"application/json")
log = get("gojinn.webhook")
write_json = msgspec.json.Encoder().encode


class Receiver:
    """A webhook at a route."""

    def __init__(
        self,
        config: WebhookConfig,
        secrets: tuple[str, ...],
        jobs: Jobs | None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.config = config
        self.secrets = secrets
        self.jobs = jobs
        self.now = now
        self.queue = config.queue.name

    async def handle(self, request: Request) -> Response:
        """Answers a delivery: 202 once it is on disk. Raises Unauthorized, LimitExceeded, Unavailable."""
        if request.method != "POST":
            request.answer.append((b"allow", b"POST"))
            raise WrongMethod(f"given {request.method}, expected POST")
        request.tenant = self.config.tenant
        body = await request.body.read()
        delivery = Delivery(request.header, body, self.secrets, self.now(), self.config.tolerance)
        try:
            event = SCHEMES[self.config.scheme](delivery)
        except Rejected as error:
            log.warning("delivery rejected", path=self.config.path, reason=str(error))
            raise Unauthorized(f"the delivery is not accepted: {error}") from error
        if self.config.scheme == "slack" and (challenge := challenge_in(body)) is not None:
            request.answer.append(JSON)
            return Response(200, request.answer, write_json({"challenge": challenge}))
        published = await self.publish(request, body, event)
        request.answer += [JSON, (b"x-gojinn-job-id", published.id.encode())]
        return Response(
            202, request.answer, write_json({"job": published.id, "duplicate": published.duplicate})
        )

    async def publish(self, request: Request, body: bytes, event: str) -> Published:
        """Stores the job of a delivery."""
        if self.jobs is None:
            raise Unavailable("this server keeps no jobs")
        tenant = self.config.tenant
        job = Job(
            id=keyed_id(tenant, self.queue, event),
            queue=self.queue,
            priority=self.config.queue.policy.priority,
            created=self.now(),
            tenant=tenant,
            body=body,
            method=WORD.upper(),
            uri=request.original_target,
            headers=header_table(request.raw_headers),
            client_ip=request.client_ip,
            trigger=WORD,
            trace=request.trace.traceparent,
            key=event,
        )
        return await self.jobs.publish(job)


class Challenge(msgspec.Struct):
    """What Slack sends to see whether somebody who knows the secret is there."""

    type: str
    challenge: str


read_challenge = msgspec.json.Decoder(Challenge).decode


def challenge_in(body: bytes) -> str | None:
    """Returns what Slack wants to have repeated, None for any other delivery."""
    try:
        found = read_challenge(body)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found.challenge if found.type == "url_verification" else None


def build(config: WebhookConfig, context: BuildContext) -> Middleware:
    """Makes the handler. Raises ConfigError for a secret that the environment leaves empty."""
    environ = context.service(Runner).registry.environ

    def revealed(secret: Secret) -> str:
        text = ENVIRONMENT.sub(lambda found: environ.get(found[1], ""), secret.reveal())
        if not text:
            message = f"'secret' of webhook '{config.path}' is empty"
            origin = config.queue.origin
            hint = "set the environment variable that it names"
            raise origin.error(message, hint=hint) if origin else ConfigError(message, hint=hint)
        return text

    receiver = Receiver(config, tuple(map(revealed, config.secrets)), context.services.get(Jobs))

    def middleware(following: Handler) -> Handler:
        return receiver.handle

    return middleware


DIRECTIVE = Directive(
    WORD,
    WebhookConfig,
    parse,
    build,
    takes_matcher=False,
    implies=lambda config: config.matchers,
)
