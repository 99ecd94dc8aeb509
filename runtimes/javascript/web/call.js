// Operations of the host: `host_call` with its errors as exceptions.
import * as host from "gojinn:host";

const CODES = { "-1": "the operation's name is too long", "-2": "the request has more than 8 MiB as JSON", "-3": "the answer has more than 8 MiB as JSON" };

export class HostError extends Error {
    constructor(code, message) {
        super(message);
        this.code = code;
    }

    get name() {
        return "HostError";
    }
}

// Runs an operation such as `kv.get`. The host may run other requests meanwhile, this one waits.
export function call(op, request) {
    if (host.booting()) {
        throw new HostError("booting", `${op} cannot be used while the module is loaded, only in the handler`);
    }
    const answer = host.call(op, JSON.stringify(request));
    if (typeof answer === "number") throw new HostError("limit", `${op}: ${CODES[answer] ?? `error ${answer}`}`);
    const decoded = JSON.parse(answer);
    const isRefused = decoded?.error?.code && decoded.id === undefined; // else it is that of a request, as `http.wait` tells
    if (isRefused) throw new HostError(decoded.error.code, `${op}: ${decoded.error.message}`);
    return decoded;
}
