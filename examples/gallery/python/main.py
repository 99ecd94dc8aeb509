"""The same job in every language: reads an order's JSON from the body, adds tax, answers JSON."""

from gojinn_sdk import Request, Response


def handle(request: Request) -> Response:
    order = request.json()
    return Response.json({"order_id": order["id"], "total": order["value"] * 1.15})
