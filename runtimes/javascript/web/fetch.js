// fetch, by the host's operation `http.fetch`.
import { Body, carried } from "gojinn:body";
import { HostError, call } from "gojinn:call";
import { Headers } from "gojinn:headers";
import { Request, Response } from "gojinn:http";

export async function fetch(input, init) {
    const request = new Request(input, init);
    const { url, method, signal } = request;
    signal.throwIfAborted();
    const headers = Headers.table(request.headers);
    try {
        const content = carried(await Body.whole(request));
        const answer = call("http.fetch", { url, method, headers, ...content });
        const body = answer.body_encoding === "base64" ? Uint8Array.fromBase64(answer.body) : answer.body;
        return Response.fetched(url, answer.status, answer.headers ?? {}, body);
    } catch (error) {
        if (!(error instanceof HostError)) throw error;
        const why = error.code === "unknown-op" ? "requests to other servers are not granted: this host does not make them" : error.message;
        throw new TypeError(`fetch of '${url}' failed: ${why}`, { cause: error });
    }
}
