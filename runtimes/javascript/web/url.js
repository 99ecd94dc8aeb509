// URL: https://url.spec.whatwg.org/
import { URLSearchParams, escape } from "gojinn:params";
import { hostOf } from "gojinn:urlhost";

const SPECIAL = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443", "ftp:": "21", "file:": "" };
const C0 = /[\u0000-\u001f\u007f-\u{10ffff}]/u;
const FRAGMENT = /[\u0000-\u0020"<>`\u007f-\u{10ffff}]/gu;
const QUERY = /[\u0000-\u0020"#<>\u007f-\u{10ffff}]/gu;
const SPECIAL_QUERY = /[\u0000-\u0020"#'<>\u007f-\u{10ffff}]/gu;
const PATH = /[\u0000-\u0020"#<>?^`{}\u007f-\u{10ffff}]/gu;
const USERINFO = /[\u0000-\u0020"#/:;<=>?@[\\\]^`{|}\u007f-\u{10ffff}]/gu;
const OPAQUE = new RegExp(C0.source, "gu");

function invalid(text) {
    return new TypeError(`'${text}' is not a URL`);
}

// A URL taken apart, after the base URL's parts where `text` leaves them out. Throws TypeError.
function parse(text, base) {
    const input = text.replace(/^[\u0000-\u0020]+|[\u0000-\u0020]+$/g, "").replace(/[\t\n\r]/g, "");
    const [, before, hash] = /^([^#]*)(?:#(.*))?$/s.exec(input);
    const fragment = hash === undefined ? null : escape(hash, FRAGMENT);
    const found = /^([A-Za-z][A-Za-z0-9+.-]*:)(.*)$/s.exec(before);
    if (!found) {
        if (!base || (base.opaque && (before !== "" || hash === undefined))) throw invalid(text);
        return { ...relative(before, base, text), fragment };
    }
    const scheme = found[1].toLowerCase();
    const rest = found[2];
    const special = scheme in SPECIAL;
    const slashed = special ? rest.replace(/^[^?]*/, (part) => part.replaceAll("\\", "/")) : rest;
    if (special && base?.scheme === scheme && !slashed.startsWith("//")) {
        return { ...relative(slashed, base, text), fragment };
    }
    if (scheme === "file:" && !slashed.startsWith("//")) return { ...absolute(scheme, `${slashed.startsWith("/") ? "//" : "///"}${slashed}`, text), fragment };
    if (special || slashed.startsWith("//")) return { ...absolute(scheme, slashed, text), fragment };
    const [, path, query] = /^([^?]*)(?:\?(.*))?$/s.exec(slashed);
    const opaque = !path.startsWith("/");
    return {
        scheme, user: "", password: "", host: null, port: "", fragment, opaque,
        path: opaque ? escape(path, OPAQUE) : pathOf(path, [], false),
        query: query === undefined ? null : escape(query, QUERY),
    };
}

// What follows the scheme: authority, path, query.
function absolute(scheme, rest, text) {
    const special = scheme in SPECIAL;
    const after = special && scheme !== "file:" ? rest.replace(/^\/*/, "") : rest.replace(/^\/\//, "");
    const [, authority, path, query] = /^([^/?]*)([^?]*)(?:\?(.*))?$/s.exec(after);
    const split = authority.lastIndexOf("@");
    const [, user, password] = /^([^:]*):?(.*)$/s.exec(split < 0 ? "" : authority.slice(0, split));
    const [, name, port] = /^(.*?)(?::([^:\]]*))?$/s.exec(authority.slice(split + 1));
    if (name === "" && (split >= 0 || port !== undefined || (special && scheme !== "file:"))) throw invalid(text);
    if (scheme === "file:" && (port !== undefined || split >= 0)) throw invalid(text);
    let where = hostOf(name, special);
    if (where === null) throw invalid(text);
    if (scheme === "file:" && where === "localhost") where = "";
    return {
        scheme, host: where, opaque: false,
        user: escape(user, USERINFO), password: escape(password, USERINFO),
        port: portOf(port ?? "", scheme, text),
        path: pathOf(path, [], special),
        query: query === undefined ? null : escape(query, special ? SPECIAL_QUERY : QUERY),
    };
}

function portOf(port, scheme, text) {
    if (!/^\d*$/.test(port) || Number(port) > 65_535) throw invalid(text);
    const plain = port === "" ? "" : String(Number(port));
    return plain === SPECIAL[scheme] ? "" : plain;
}

function relative(text, base, whole) {
    const special = base.scheme in SPECIAL;
    const [, raw, query] = /^([^?]*)(?:\?(.*))?$/s.exec(text);
    const path = special ? raw.replaceAll("\\", "/") : raw;
    if (path.startsWith("//")) return absolute(base.scheme, query === undefined ? path : `${path}?${query}`, whole);
    const escaped = query === undefined ? null : escape(query, special ? SPECIAL_QUERY : QUERY);
    if (path === "") return { ...base, query: query === undefined ? base.query : escaped };
    const above = path.startsWith("/") ? [] : base.path.split("/").slice(1, -1);
    return { ...base, path: pathOf(path, above, special), query: escaped };
}

// A path without '.' and '..', which may also be escaped.
function pathOf(path, above, special) {
    if (path === "" && !above.length) return special ? "/" : "";
    const parts = (path.startsWith("/") ? path.slice(1) : path).split("/");
    const kept = [...above];
    parts.forEach((part, i) => {
        const plain = part.replace(/%2e/gi, ".");
        const last = i === parts.length - 1;
        if (plain === "..") kept.pop();
        if (plain === "." || plain === "..") {
            if (last) kept.push("");
        } else {
            kept.push(escape(part, PATH));
        }
    });
    return `/${kept.join("/")}`;
}

function joined(parts) {
    const { scheme, user, password, host: where, port, path, query, fragment } = parts;
    const login = user || password ? `${user}${password ? `:${password}` : ""}@` : "";
    const authority = where === null ? (path.startsWith("//") ? "/." : "") : `//${login}${where}${port ? `:${port}` : ""}`;
    return `${scheme}${authority}${path}${query === null ? "" : `?${query}`}${fragment === null ? "" : `#${fragment}`}`;
}

export class URL {
    #parts;
    #params = null;

    constructor(url, base) {
        this.#parts = parse(String(url), base === undefined ? null : parse(String(base), null));
    }

    static canParse(url, base) {
        return URL.parse(url, base) !== null;
    }

    static parse(url, base) {
        try {
            return new URL(url, base);
        } catch {
            return null;
        }
    }

    // Changes one part if that leaves a URL; else nothing changes, as the standard has it.
    #change(make) {
        try {
            this.#parts = { ...this.#parts, ...make(this.#parts) };
        } catch (error) {
            if (!(error instanceof TypeError)) throw error;
        }
    }

    get href() {
        return joined(this.#parts);
    }

    set href(text) {
        this.#parts = parse(String(text), null);
        this.#params?.reload(this.#parts.query ?? "");
    }

    get origin() {
        const { scheme, path } = this.#parts;
        if (scheme === "blob:") return /^https?:/.test(path) ? (URL.parse(path)?.origin ?? "null") : "null";
        return scheme in SPECIAL && scheme !== "file:" ? `${scheme}//${this.host}` : "null";
    }

    get protocol() {
        return this.#parts.scheme;
    }

    set protocol(text) {
        const scheme = `${String(text).replace(/:.*$/s, "").toLowerCase()}:`;
        const { scheme: now, host: where, user, password, port } = this.#parts;
        if (!/^[a-z][a-z0-9+.-]*:$/.test(scheme) || scheme in SPECIAL !== now in SPECIAL) return;
        if (scheme === "file:" ? user || password || port : now === "file:" && where === "") return;
        this.#change(() => ({ scheme, port: portOf(port, scheme, "") }));
    }

    get username() {
        return this.#parts.user;
    }

    set username(text) {
        if (this.#parts.host) this.#change(() => ({ user: escape(String(text), USERINFO) }));
    }

    get password() {
        return this.#parts.password;
    }

    set password(text) {
        if (this.#parts.host) this.#change(() => ({ password: escape(String(text), USERINFO) }));
    }

    get host() {
        const { host: where, port } = this.#parts;
        return `${where ?? ""}${port ? `:${port}` : ""}`;
    }

    set host(text) {
        const [, name, port] = /^(\[[^\]]*\]|[^/?#:]*)(?::(\d*))?/s.exec(String(text));
        if (this.#parts.opaque || !name || (port !== undefined && this.#parts.scheme === "file:")) return;
        this.hostname = name;
        if (port) this.port = port;
    }

    get hostname() {
        return this.#parts.host ?? "";
    }

    set hostname(text) {
        if (this.#parts.opaque) return;
        this.#change(({ scheme, user, password, port }) => {
            const where = hostOf(String(text).replace(/[/?#].*$/s, ""), scheme in SPECIAL);
            const needed = (scheme in SPECIAL && scheme !== "file:") || user || password || port;
            if (where === null || (where === "" && needed)) throw invalid(text);
            return { host: where };
        });
    }

    get port() {
        return this.#parts.port;
    }

    set port(text) {
        if (!this.#parts.host || this.#parts.scheme === "file:") return;
        const digits = /^\d*/.exec(String(text))[0];
        if (digits || text === "") this.#change(({ scheme }) => ({ port: portOf(digits, scheme, text) }));
    }

    get pathname() {
        return this.#parts.path;
    }

    set pathname(text) {
        if (this.#parts.opaque) return;
        const special = this.#parts.scheme in SPECIAL;
        const path = special ? String(text).replaceAll("\\", "/") : String(text);
        const whole = path.startsWith("/") || (path === "" && !special) ? path : `/${path}`;
        this.#change(() => ({ path: pathOf(whole, [], special) }));
    }

    get search() {
        return this.#parts.query ? `?${this.#parts.query}` : "";
    }

    set search(text) {
        const query = String(text).replace(/^\?/, "");
        const set = this.#parts.scheme in SPECIAL ? SPECIAL_QUERY : QUERY;
        this.#parts = { ...this.#parts, query: query === "" ? null : escape(query, set) };
        this.#params?.reload(query);
    }

    get searchParams() {
        return (this.#params ??= URLSearchParams.of(this.#parts.query ?? "", (query) => {
            this.#parts = { ...this.#parts, query: query === "" ? null : query };
        }));
    }

    get hash() {
        return this.#parts.fragment ? `#${this.#parts.fragment}` : "";
    }

    set hash(text) {
        const fragment = String(text).replace(/^#/, "");
        this.#parts = { ...this.#parts, fragment: fragment === "" ? null : escape(fragment, FRAGMENT) };
    }

    toString() {
        return this.href;
    }

    toJSON() {
        return this.href;
    }
}
