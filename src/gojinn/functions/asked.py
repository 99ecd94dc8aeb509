"""What a function is asked, in the form that it reads: an envelope, a bare request, or a CGI script's
surroundings. Every trigger makes its invocations here; running them is `runner`'s."""

from __future__ import annotations

from gojinn.functions.envelope import encode
from gojinn.functions.function import Function
from gojinn.functions.invocation import Invocation
from gojinn.functions.metavariables import Way, surroundings, way_to


def asked(
    function: Function,
    method: str,
    uri: str,
    headers: dict[str, list[str]],
    body: bytes,
    *,
    trace: str,
    tenant: str,
    client_ip: str,
    trigger: str,
    attempt: int = 1,
    answers: bool = True,
    way: Way | None = None,
) -> Invocation:
    """Makes the invocation of a request; its parts are those of `envelope.Envelope`.

    `answers` says whether somebody waits for an answer. `way` is how a request got to a script; None for one
    that came by no route.
    """
    if function.script:
        around = surroundings(
            function.config,
            method,
            way or way_to(uri),
            headers,
            body,
            trace=trace,
            tenant=tenant,
            client_ip=client_ip,
            trigger=trigger,
            attempt=attempt,
        )
        return Invocation(function, body, tenant=tenant, trace=trace, around=around, answers=answers)
    stdin = encode(
        method,
        uri,
        headers,
        body,
        trace=trace,
        tenant=tenant,
        client_ip=client_ip,
        trigger=trigger,
        attempt=attempt,
        bare=function.bare,
    )
    return Invocation(function, stdin, tenant=tenant, trace=trace, answers=answers)
