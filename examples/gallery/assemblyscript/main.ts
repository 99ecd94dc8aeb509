// The same job in every language: reads an order's JSON from the body, adds tax, answers JSON.

import { Json, Request, Response, serve } from "gojinn";

export function _start(): void {
  serve(handle);
}

function handle(request: Request): Response {
  const order = request.json()!, id = order.getText("id");
  const total = order.getNumber("value") * 1.15;
  return Response.json(200, Json.object().set("order_id", Json.text(id)).set("total", Json.number(total)));
}
