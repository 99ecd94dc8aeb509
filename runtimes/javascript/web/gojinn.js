// The package `gojinn`: what a function may ask of its host. Typed and described in gojinn.d.ts, to which the
// names here belong.
import { HostError, call } from "gojinn:call";
import { bytesOf, encode } from "gojinn:encoding";
import { env } from "gojinn:env";
import { fetch } from "gojinn:fetch";
import * as host from "gojinn:host";
import { sql } from "gojinn:sql";

export { HostError, env, sql };

const PIECE = 3 << 20;

// Text or bytes as members of a request, such as `value` or `value_base64`.
function content(what, value, text, base64) {
    if (typeof value === "string") return { [text]: value.toWellFormed() };
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return { [base64]: bytesOf(value).toBase64() };
    const given = value === null ? "null" : typeof value === "object" ? `a ${value.constructor?.name}` : typeof value;
    throw new TypeError(`${what} is ${given}, expected text or bytes; write JSON with JSON.stringify()`);
}

function text(what, value) {
    if (typeof value !== "string") throw new TypeError(`${what} is ${value === null ? "null" : typeof value}, expected a string`);
    return value;
}

// What is left of options when those that are not given are taken away.
function given(options) {
    return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function decoded(entry, type = "text") {
    const inBase64 = entry.value_base64 !== undefined;
    if (type === "bytes") return inBase64 ? Uint8Array.fromBase64(entry.value_base64) : encode(entry.value ?? "");
    const value = inBase64 ? host.decode(Uint8Array.fromBase64(entry.value_base64), false) : (entry.value ?? "");
    if (type === "text") return value;
    if (type === "json") return JSON.parse(value);
    throw new TypeError(`a value's type is '${type}', expected 'text', 'bytes' or 'json'`);
}

export const kv = {
    async get(key, options = {}) {
        return (await kv.entry(key, options))?.value ?? null;
    },

    async entry(key, { type, consistent } = {}) {
        try {
            const found = call("kv.get", given({ key: text("the key", key), consistent }));
            return { value: decoded(found, type), revision: found.revision };
        } catch (error) {
            if (error.code === "not-found") return null;
            throw error;
        }
    },

    async put(key, value, { ttl } = {}) {
        return call("kv.put", given({ key: text("the key", key), ...content("the value", value, "value", "value_base64"), ttl })).revision;
    },

    async create(key, value, { ttl } = {}) {
        return call("kv.create", given({ key: text("the key", key), ...content("the value", value, "value", "value_base64"), ttl })).revision;
    },

    async cas(key, value, revision, { ttl } = {}) {
        const request = { key: text("the key", key), ...content("the value", value, "value", "value_base64"), revision, ttl };
        return call("kv.cas", given(request)).revision;
    },

    async delete(key, { revision } = {}) {
        return call("kv.delete", given({ key: text("the key", key), revision })).revision;
    },

    async list({ prefix = "", after, limit, values, type } = {}) {
        const page = call("kv.list", given({ prefix, after, limit, values }));
        const keys = page.keys.map((each) => {
            const entry = { key: each.key, revision: each.revision, size: each.size };
            return values ? { ...entry, value: decoded(each, type) } : entry;
        });
        return { keys, next: page.next ?? null };
    },

    async commit(changes) {
        const written = changes.map(({ key, value, delete: gone, revision, ttl }) => {
            const what = gone ? { delete: true } : content(`the value of '${key}'`, value, "value", "value_base64");
            return given({ key: text("the key", key), ...what, revision, ttl });
        });
        return call("kv.commit", { changes: written }).revisions;
    },

    async watch({ prefix = "", after, wait, type } = {}) {
        const told = call("kv.watch", given({ prefix, after, wait }));
        const changes = told.changes.map((each) => ({
            key: each.key,
            revision: each.revision,
            ...(each.deleted ? { deleted: true } : { value: decoded(each, type) }),
        }));
        return { changes, revision: told.revision };
    },
};

class Lock {
    #owner;

    constructor(name, { owner, token, ttl }) {
        this.name = name;
        this.token = token;
        this.ttl = ttl;
        this.#owner = owner;
    }

    async renew(ttl) {
        this.ttl = call("lock.renew", given({ name: this.name, owner: this.#owner, ttl })).ttl;
        return this;
    }

    async release() {
        call("lock.release", { name: this.name, owner: this.#owner });
    }
}

export const lock = {
    async acquire(name, { ttl, wait } = {}) {
        return new Lock(name, call("lock.acquire", given({ name: text("the lock's name", name), ttl, wait })));
    },

    async run(name, action, options = {}) {
        const held = await lock.acquire(name, options);
        try {
            return await action(held);
        } finally {
            await held.release();
        }
    },
};

function described(head) {
    const { content_type: contentType, ...rest } = head;
    return { ...rest, modified: new Date(head.modified), contentType };
}

class BlobObject {
    #bytes;

    constructor(head, bytes) {
        Object.assign(this, head);
        this.#bytes = bytes;
    }

    async bytes() {
        return this.#bytes;
    }

    async arrayBuffer() {
        return this.#bytes.slice().buffer;
    }

    async text() {
        return host.decode(this.#bytes, false);
    }

    async json() {
        return JSON.parse(await this.text());
    }
}

// Writes an object in pieces, where it is too large for one call.
function upload(key, bytes, options) {
    const { upload: number } = call("blob.upload_begin", { key, ...options });
    for (let at = 0; at < bytes.length; at += PIECE) {
        call("blob.upload_part", { upload: number, body: bytes.subarray(at, at + PIECE).toBase64() });
    }
    return call("blob.upload_complete", { upload: number });
}

function blobBytes(body) {
    if (typeof body === "string") return encode(body);
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return bytesOf(body);
    throw new TypeError("an object's content is text or bytes; write JSON with JSON.stringify()");
}

export const blob = {
    async put(key, body, { contentType, metadata, ifMatch } = {}) {
        const bytes = blobBytes(body);
        const options = given({ content_type: contentType, metadata });
        if (bytes.length > PIECE && ifMatch === undefined) return upload(key, bytes, options);
        return call("blob.put", given({ key, body: bytes.toBase64(), ...options, if_match: ifMatch }));
    },

    async create(key, body, { contentType, metadata } = {}) {
        const options = given({ content_type: contentType, metadata });
        return call("blob.put_if_absent", { key, body: blobBytes(body).toBase64(), ...options });
    },

    async get(key, { offset = 0, length, version } = {}) {
        try {
            const head = described(call("blob.head", given({ key, version })));
            const wanted = Math.max(Math.min(length ?? Infinity, head.size - offset), 0);
            const bytes = new Uint8Array(wanted);
            for (let at = 0; at < wanted; at += PIECE) {
                const part = { key, version, offset: offset + at, length: Math.min(PIECE, wanted - at) };
                bytes.set(Uint8Array.fromBase64(call("blob.get", given(part)).body), at);
            }
            return new BlobObject(head, bytes);
        } catch (error) {
            if (error.code === "not-found") return null;
            throw error;
        }
    },

    async head(key, { version } = {}) {
        try {
            return described(call("blob.head", given({ key, version })));
        } catch (error) {
            if (error.code === "not-found") return null;
            throw error;
        }
    },

    async list({ prefix, after, limit } = {}) {
        const page = call("blob.list", given({ prefix, after, limit }));
        return { objects: page.objects.map((each) => ({ ...each, modified: new Date(each.modified) })), next: page.next || null };
    },

    async delete(key) {
        call("blob.delete", { key });
    },

    async copy(source, target) {
        call("blob.copy", { source, target });
    },

    async presign(key, { method, seconds } = {}) {
        return call("blob.presign", given({ key, method, seconds })).url;
    },
};

export const queue = {
    async publish(name, body, { delay, priority, key, headers } = {}) {
        const sent = typeof body === "string" || body instanceof ArrayBuffer || ArrayBuffer.isView(body) ? body : JSON.stringify(body);
        const request = { queue: text("the queue's name", name), ...content("the job", sent, "body", "body_base64"), delay, priority, key, headers };
        return call("queue.publish", given(request));
    },

    async status(job) {
        return call("queue.status", { job });
    },

    async cancel(job) {
        return call("queue.cancel", { job });
    },
};

export const http = { fetch };

const LEVELS = ["debug", "info", "warn", "error"];

function logger(level) {
    return (message, fields) => {
        if (fields === undefined || host.booting()) return host.log(level, String(message));
        call("log.write", { message: String(message), level: LEVELS[level], fields });
    };
}

export const log = { debug: logger(0), info: logger(1), warn: logger(2), error: logger(3) };

export const ai = {
    async chat(messages) {
        const asked = typeof messages === "string" ? [{ role: "user", content: messages }] : messages;
        return call("ai.chat", { messages: asked }).message.content;
    },
};
