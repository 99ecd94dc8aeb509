// fetch, by the host's operation `http.fetch`.
import { Body, carried } from "gojinn:body";
import { HostError, call } from "gojinn:call";
import { Headers } from "gojinn:headers";
import { Request, Response } from "gojinn:http";

export async function fetch(input, init) {
    const request = new Request(input, init);
    const { url, method } = request;
    const headers = Headers.table(request.headers);
    try {
        const answer = call("http.fetch", { url, method, headers, ...carried(Body.taken(request)) });
        const content = answer.body_encoding === "base64" ? Uint8Array.fromBase64(answer.body) : answer.body;
        return Response.fetched(url, answer.status, answer.headers ?? {}, content);
    } catch (error) {
        if (!(error instanceof HostError)) throw error;
        const why = error.code === "unknown-op" ? "requests to other servers are not granted: this host does not make them" : error.message;
        throw new TypeError(`fetch of '${url}' failed: ${why}`, { cause: error });
    }
}
