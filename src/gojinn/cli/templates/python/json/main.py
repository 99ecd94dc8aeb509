"""{{name}} keeps items by an API in JSON.

GET    /       lists them
PUT    /<id>   writes one, any JSON
GET    /<id>   reads it
DELETE /<id>   removes it
"""

from gojinn_sdk import BadRequest, Request, Response, kv

PREFIX = "items/"


def handle(request: Request) -> Response:
    key = PREFIX + request.path.removeprefix("/")
    match request.method:
        case "GET" if key == PREFIX:
            return Response.json({"items": [name.removeprefix(PREFIX) for name in kv.keys(PREFIX).names]})
        case _ if key == PREFIX:
            return problem(405, "name an item: /<id>")
        case "GET":
            return read(key)
        case "PUT":
            return write(key, request)
        case "DELETE":
            kv.delete(key)
            return Response.empty()
    return problem(405, "use GET, PUT or DELETE")


def read(key: str) -> Response:
    value = kv.get(key)
    if value is None:
        return problem(404, "there is no such item")
    return Response.bytes(value, "application/json")


def write(key: str, request: Request) -> Response:
    try:
        request.json()
    except BadRequest:
        return problem(400, "send JSON")
    kv.put(key, request.body)
    return Response.json({"id": key.removeprefix(PREFIX)})


def problem(status: int, error: str) -> Response:
    return Response.json({"error": error}, status)
