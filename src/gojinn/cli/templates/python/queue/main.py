"""{{name}} takes messages and sends them in the background.

POST /           {"to": "ada"}: answered once the job is on disk
GET  /?to=ada    tells whether it was sent
"""

from gojinn_sdk import Request, Response, kv, log, queue


def handle(request: Request) -> Response:
    if request.trigger == "queue":
        return work(request)
    if request.method == "POST":
        published = queue.publish("{{name}}", request.body)
        return Response.json({"job": published.job}, 202)
    return Response.json({"sent": kv.get(f"sent/{request.query.get('to', '')}") is not None})


def work(job: Request) -> Response:
    """Does a job. One that fails is tried again, then kept as a dead letter."""
    to = job.json().get("to")
    if not to:
        raise ValueError("the job does not say whom to send to")
    log.info("sending", to=to, attempt=job.attempt)
    kv.put(f"sent/{to}", "yes")
    return Response.empty()
