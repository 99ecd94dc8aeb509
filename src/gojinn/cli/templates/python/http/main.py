"""{{name}} greets whom the request's body names."""

from gojinn_sdk import BadRequest, Request, Response, log


def handle(request: Request) -> Response:
    name = "world"
    try:
        name = request.json()["name"]
    except (BadRequest, KeyError, TypeError) as error:
        log.info("greeting everybody", because=str(error))
    return Response.json({"message": f"hello, {name}", "language": "Python", "method": request.method})
