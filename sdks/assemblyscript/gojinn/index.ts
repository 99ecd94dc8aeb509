// Functions for Gojinn in AssemblyScript: a handler takes a request and returns a response.
//
//   import { serve, Request, Response, Json } from "gojinn";
//
//   function handle(request: Request): Response {
//     const name = request.query("name");
//     return Response.json(200, Json.object().set("hello", Json.text(name != null ? name : "world")));
//   }
//
//   export function _start(): void {
//     serve(handle);
//   }
//
// Nothing is freed: a sandbox lives for one request.

export { Json } from "./json";
export { Failure, Result, call } from "./host";
export { Request } from "./request";
export { Response } from "./response";
export { serve, env } from "./serve";

import * as ai from "./ai";
import * as blob from "./blob";
import * as http from "./http";
import * as kv from "./kv";
import * as lock from "./lock";
import * as log from "./log";
import * as queue from "./queue";
import * as sql from "./sql";
export { ai, blob, http, kv, lock, log, queue, sql };
