"""{{name}} greets whom the request's body names."""

from gojinn_sdk import BadRequest, Request, Response, log


def handle(request: Request) -> Response:
    try:
        body = request.json()
    except BadRequest as error:
        log.info("greeting everybody", because=str(error))
        body = None
    name = body.get("name") if isinstance(body, dict) else None
    greeted = name if isinstance(name, str) else "world"
    return Response.json({"message": f"hello, {greeted}", "language": "Python", "method": request.method})
