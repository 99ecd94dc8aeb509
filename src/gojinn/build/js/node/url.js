// `node:url`. https://nodejs.org/api/url.html
import { parse as parseQuery, stringify } from "node:querystring";

export const { URL, URLSearchParams } = globalThis;

export function fileURLToPath(given) {
    const url = new URL(given);
    if (url.protocol !== "file:") throw new TypeError(`'${url}' is no address of a file`);
    return decodeURIComponent(url.pathname);
}

export function pathToFileURL(path) {
    const url = new URL("file:///");
    url.pathname = path.replace(/[%?#]/g, encodeURIComponent);
    return url;
}

const SHAPE = /^(?:([A-Za-z][A-Za-z0-9+.-]*:)(?:(\/\/)(?:([^/?#@]*)@)?([^/?#]*))?)?([^?#]*)(\?[^#]*)?(#.*)?$/s;

// The parts of an address, also of one that is not whole, as they are written.
export function parse(text, withQuery = false) {
    const [, protocol, slashes, auth, host, pathname, search, hash] = SHAPE.exec(text.trim());
    const [, hostname, port] = /^(.*?)(?::(\d*))?$/.exec((host ?? "").toLowerCase());
    const path = pathname || (host ? "/" : "");
    const parsed = {
        protocol: protocol?.toLowerCase() ?? null, slashes: slashes ? true : null, auth: auth === undefined ? null : decodeURIComponent(auth),
        host: host === undefined ? null : host.toLowerCase(), port: port || null, hostname: host === undefined ? null : hostname.replace(/^\[|\]$/g, ""),
        hash: hash ?? null, search: search ?? (withQuery ? "" : null),
        query: withQuery ? parseQuery(search?.slice(1) ?? "") : search?.slice(1) ?? null,
        pathname: path || null, path: path + (search ?? "") || null,
    };
    return { ...parsed, href: format(parsed) };
}

export function format(given) {
    if (typeof given === "string") return format(parse(given));
    if (given instanceof URL) return given.href;
    const { auth, hash, host, hostname, pathname, port, protocol, query, search, slashes } = given;
    const scheme = protocol ? protocol.replace(/:?$/, ":") : "";
    const where = host || (hostname ? (hostname.includes(":") ? `[${hostname}]` : hostname) + (port ? `:${port}` : "") : "");
    const who = auth && where ? `${encodeURIComponent(auth).replace("%3A", ":")}@` : "";
    const marked = slashes || /^(https?|ftp|file|wss?):$/.test(scheme);
    const asked = search || (query !== null && typeof query === "object" && Object.keys(query).length ? `?${stringify(query)}` : "");
    const path = where && pathname && !pathname.startsWith("/") ? `/${pathname}` : pathname || "";
    return scheme + (marked ? "//" : "") + who + where + path + (asked ? asked.replace(/^\??/, "?") : "") + (hash ? hash.replace(/^#?/, "#") : "");
}

export function resolve(from, to) {
    const base = new URL(from, "resolve://x/");
    const url = new URL(to, base);
    return url.protocol === "resolve:" ? url.href.slice("resolve://x".length) : url.href;
}

export const urlToHttpOptions = ({ protocol, hostname, port, pathname, search, hash, href }) => ({
    protocol, hostname: hostname.replace(/^\[|\]$/g, ""), hash, search, pathname, path: pathname + search, href, ...(port ? { port: Number(port) } : {}),
});
export const domainToASCII = (name) => URL.parse(`http://${name}`)?.hostname ?? "";

export default { URL, URLSearchParams, domainToASCII, fileURLToPath, format, parse, pathToFileURL, resolve, urlToHttpOptions };
