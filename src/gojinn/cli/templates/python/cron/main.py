"""{{name}} runs by the clock and counts how often, and tells that to who asks."""

from gojinn_sdk import Request, Response, kv, log


def handle(request: Request) -> Response:
    found = kv.find("ticks")
    ticks = int(found.value) if found else 0
    if request.trigger == "cron":
        ticks += 1
        # Refused when another run was quicker: this one is then tried again.
        kv.cas("ticks", str(ticks), found.revision if found else 0)
        log.info("tick", ticks=ticks)
    return Response.json({"ticks": ticks})
