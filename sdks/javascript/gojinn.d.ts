/** The package `gojinn`: what a function may ask of its host. */

/** What the host refuses. `code` is stable, `message` names what would allow it. */
export class HostError extends Error {
    readonly code: string;
}

/** The function's environment variables, those of the Caddyfile; empty while the module is loaded. */
export const env: Readonly<Record<string, string>>;

/** A module's default export. */
export interface Handler {
    fetch?(request: Request, env: Record<string, string>, context: Context): Answer | Promise<Answer>;
    /** Answers a schedule, which goes to `fetch` without it. */
    scheduled?(event: ScheduledEvent, env: Record<string, string>, context: Context): unknown;
    /** Answers a job, which goes to `fetch` without it. It is tried again after `retry()` and after an exception. */
    queue?(batch: MessageBatch<any>, env: Record<string, string>, context: Context): unknown;
}

export interface ScheduledEvent {
    /** The schedule's name. */
    readonly cron: string;
    /** The instant that it is for, in milliseconds since 1970. */
    readonly scheduledTime: number;
}

/** A job, as a batch of one message. */
export interface MessageBatch<T> {
    readonly messages: readonly Message<T>[];
    ackAll(): void;
    retryAll(): void;
}

export interface Message<T> {
    readonly id: string;
    readonly timestamp: Date;
    /** Which attempt this is, from 1. */
    readonly attempts: number;
    /** What the job's JSON means, or its text. */
    readonly body: T;
    ack(): void;
    retry(): void;
}

/** A Response, a text, or what has a form in JSON. */
export type Answer = Response | string | object;

export interface Context {
    /** Keeps the sandbox until the promise is settled. The answer is sent after that. */
    waitUntil(promise: Promise<unknown>): void;
    passThroughOnException(): void;
}

/** Text, or any bytes. */
export type Content = string | ArrayBuffer | ArrayBufferView;

/** How a value is wanted: text (unless it is said), bytes, or what its JSON means. */
export interface ValueTypes {
    text: string;
    bytes: Uint8Array;
    json: any;
}

export interface Entry<T> {
    value: T;
    /** Grows with every change of the tenant's keys. */
    revision: number;
}

export interface Listed<T> {
    key: string;
    revision: number;
    /** Bytes of the value. */
    size: number;
    /** Only where `values` was asked for. */
    value?: T;
}

export type Change =
    /** `revision`: the one that the key must have, 0 for a key that must not exist. `ttl` in seconds. */
    { key: string; value: Content; revision?: number; ttl?: number } | { key: string; delete: true; revision?: number };

/** Keys, shared by all functions of a tenant. Needs `permissions { kv_read …; kv_write … }`. */
export const kv: {
    /** The value of a key, null where there is none. `consistent` asks the store's leader. */
    get<T extends keyof ValueTypes = "text">(key: string, options?: { type?: T; consistent?: boolean }): Promise<ValueTypes[T] | null>;
    /** The same with its revision. */
    entry<T extends keyof ValueTypes = "text">(key: string, options?: { type?: T; consistent?: boolean }): Promise<Entry<ValueTypes[T]> | null>;
    /** Writes a key and gives its revision. `ttl`: seconds after which it is gone. */
    put(key: string, value: Content, options?: { ttl?: number }): Promise<number>;
    /** Writes a key that does not exist. Fails as `conflict` where it does. */
    create(key: string, value: Content, options?: { ttl?: number }): Promise<number>;
    /** Writes a key that still has a revision, 0 for one that does not exist. Fails as `conflict`. */
    cas(key: string, value: Content, revision: number, options?: { ttl?: number }): Promise<number>;
    /** Deletes a key, if it still has the revision where one is given. */
    delete(key: string, options?: { revision?: number }): Promise<number>;
    /** One page of keys; `next`, unless it is null, is the `after` of the next one. */
    list<T extends keyof ValueTypes = "text">(options?: {
        prefix?: string;
        after?: string;
        limit?: number;
        values?: boolean;
        type?: T;
    }): Promise<{ keys: Listed<ValueTypes[T]>[]; next: string | null }>;
    /** Makes up to 100 changes at once, or none. Gives the revisions. */
    commit(changes: Change[]): Promise<number[]>;
    /** What has changed after a revision. Waits up to `wait` seconds for a first change. */
    watch<T extends keyof ValueTypes = "text">(options?: {
        prefix?: string;
        after?: number;
        wait?: number;
        type?: T;
    }): Promise<{ changes: { key: string; revision: number; value?: ValueTypes[T]; deleted?: true }[]; revision: number }>;
};

export interface Lock {
    readonly name: string;
    /** Higher than that of whoever had the lock before: what is guarded can refuse lower ones. */
    readonly token: number;
    /** Seconds after which it is given back by itself. */
    readonly ttl: number;
    /** Keeps it for `ttl` seconds from now. Fails as `conflict` when it was lost. */
    renew(ttl?: number): Promise<Lock>;
    /** Gives it back. Fails as `conflict` when it was lost. */
    release(): Promise<void>;
}

/** Locks among all functions of a tenant, on all nodes. */
export const lock: {
    /** Takes a lock, waiting up to `wait` seconds for it. Fails as `conflict` when somebody else has it. */
    acquire(name: string, options?: { ttl?: number; wait?: number }): Promise<Lock>;
    /** Does something while the lock is held. */
    run<T>(name: string, action: (held: Lock) => T | Promise<T>, options?: { ttl?: number; wait?: number }): Promise<T>;
};

/** What a parameter may be. A Date becomes a moment in UTC. */
export type Parameter = null | undefined | boolean | number | bigint | string | Date | ArrayBuffer | ArrayBufferView;

/** Parameters for `?` in their order, or by name for `:name`. */
export type Parameters = Parameter[] | Record<string, Parameter>;

/** A value of a row; integers beyond 2^53 are bigints; decimals, dates and times are texts. */
export type Value = null | boolean | number | bigint | string | Uint8Array;

export type Row = Record<string, any>;

/** The database that the function's `db_dsn` names. Times are seconds. */
export const sql: {
    /** The rows of a statement as objects. */
    query<T extends object = Row>(statement: string, params?: Parameters, options?: { timeout?: number }): Promise<T[]>;
    /** The first row, null where there is none. */
    first<T extends object = Row>(statement: string, params?: Parameters, options?: { timeout?: number }): Promise<T | null>;
    /** The rows as arrays, with their columns. */
    table(statement: string, params?: Parameters, options?: { timeout?: number }): Promise<{ columns: { name: string; type: string | null }[]; rows: Value[][] }>;
    /** Runs a statement whose rows are not wanted. `lastId` is null where the engine does not tell it. */
    exec(statement: string, params?: Parameters, options?: { timeout?: number }): Promise<{ changes: number; lastId: number | null }>;
    /** Runs statements in one transaction, all or none. */
    batch(statements: { sql: string; params?: Parameters }[], options?: { timeout?: number }): Promise<{ rows: Row[]; changes: number; lastId: number | null }[]>;
    /** Does something in a transaction, which is undone when it throws. */
    transaction<T>(action: (db: typeof sql) => T | Promise<T>, options?: { mode?: "read" | "write" }): Promise<T>;
    /** Rows one after the other, fetched in parts of `rows`. */
    each<T extends object = Row>(statement: string, params?: Parameters, options?: { rows?: number; timeout?: number }): AsyncGenerator<T>;
};

export interface BlobHead {
    key: string;
    /** Bytes. */
    size: number;
    modified: Date;
    etag: string;
    version?: string;
    contentType: string;
    metadata: Record<string, string>;
}

export interface BlobObject extends BlobHead {
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
    json(): Promise<any>;
}

/** Objects, in the bucket that the Caddyfile names or on the server. Needs `permissions { s3_read …; s3_write … }`. */
export const blob: {
    /** An object or a piece of it, null where there is none. */
    get(key: string, options?: { offset?: number; length?: number; version?: string }): Promise<BlobObject | null>;
    /** What is known of an object, null where there is none. */
    head(key: string, options?: { version?: string }): Promise<BlobHead | null>;
    /** Writes an object of any size; with `ifMatch` only over the one with that etag. */
    put(key: string, body: Content, options?: { contentType?: string; metadata?: Record<string, string>; ifMatch?: string }): Promise<{ etag: string; version?: string }>;
    /** Writes an object where none is. Fails as `exists` where one is. */
    create(key: string, body: Content, options?: { contentType?: string; metadata?: Record<string, string> }): Promise<{ etag: string; version?: string }>;
    list(options?: { prefix?: string; after?: string; limit?: number }): Promise<{ objects: { key: string; size: number; modified: Date; etag: string }[]; next: string | null }>;
    delete(key: string): Promise<void>;
    copy(source: string, target: string): Promise<void>;
    /** An address by which anybody may read or write the object for some time. Buckets only. */
    presign(key: string, options?: { method?: "GET" | "PUT"; seconds?: number }): Promise<string>;
};

export interface Job {
    job: string;
    state: "scheduled" | "queued" | "running" | "retrying" | "done" | "dead" | "cancelled";
    [more: string]: any;
}

/** Jobs in the background: durable, tried again when they fail. */
export const queue: {
    /** Sends a job; what is neither text nor bytes is sent as JSON. Of two with the same `key` only one runs. */
    publish(
        queue: string,
        body: Content | object,
        options?: { delay?: number; priority?: "high" | "normal" | "low"; key?: string; headers?: Record<string, string> },
    ): Promise<{ job: string; duplicate: boolean }>;
    status(job: string): Promise<Job>;
    /** Calls a job off, also one that runs. Fails as `conflict` when it is over. */
    cancel(job: string): Promise<Job>;
};

/** The global `fetch`, beside what else a function may ask of its host. Needs `allow_host …`. */
export const http: { fetch: typeof fetch };

export type Logger = (message: unknown, fields?: Record<string, unknown>) => void;

/** The function's log, to which `console` writes too. */
export const log: { debug: Logger; info: Logger; warn: Logger; error: Logger };

/** The language model that the host is configured with. */
export const ai: {
    chat(messages: string | { role: "system" | "user" | "assistant"; content: string }[]): Promise<string>;
};
