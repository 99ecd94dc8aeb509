/** What a function finds globally, besides the language's own. */

type BodyInit = string | Blob | FormData | ArrayBuffer | ArrayBufferView | URLSearchParams | ReadableStream<Uint8Array>;
type HeadersInit = Headers | Record<string, string> | Iterable<readonly [string, string]>;

declare class Headers implements Iterable<[string, string]> {
    constructor(init?: HeadersInit | null);
    append(name: string, value: string): void;
    delete(name: string): void;
    get(name: string): string | null;
    getSetCookie(): string[];
    has(name: string): boolean;
    set(name: string, value: string): void;
    forEach(callback: (value: string, name: string, headers: Headers) => void, self?: unknown): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
}

interface Body {
    readonly body: ReadableStream<Uint8Array> | null;
    readonly bodyUsed: boolean;
    text(): Promise<string>;
    json(): Promise<any>;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    blob(): Promise<Blob>;
    formData(): Promise<FormData>;
}

declare class Blob {
    constructor(parts?: Iterable<string | Blob | ArrayBuffer | ArrayBufferView>, options?: { type?: string });
    readonly size: number;
    readonly type: string;
    slice(start?: number, end?: number, type?: string): Blob;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
    stream(): ReadableStream<Uint8Array>;
}

declare class File extends Blob {
    constructor(
        parts: Iterable<string | Blob | ArrayBuffer | ArrayBufferView>,
        name: string,
        options?: { type?: string; lastModified?: number },
    );
    readonly name: string;
    readonly lastModified: number;
}

declare class FormData implements Iterable<[string, string | File]> {
    append(name: string, value: string | Blob, filename?: string): void;
    delete(name: string): void;
    get(name: string): string | File | null;
    getAll(name: string): (string | File)[];
    has(name: string): boolean;
    set(name: string, value: string | Blob, filename?: string): void;
    forEach(callback: (value: string | File, name: string, form: FormData) => void, self?: unknown): void;
    entries(): IterableIterator<[string, string | File]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string | File>;
    [Symbol.iterator](): IterableIterator<[string, string | File]>;
}

type RequestInfo = Request | string;
type RequestRedirect = "follow" | "error" | "manual";

interface RequestInit {
    method?: string;
    headers?: HeadersInit;
    /** A stream is read to its end before the request is sent. */
    body?: BodyInit | null;
    /** `manual` gives the redirect itself as the response. */
    redirect?: RequestRedirect;
    signal?: AbortSignal | null;
    /** What browsers want with a stream as the body; it changes nothing here. */
    duplex?: "half";
}

declare class Request implements Body {
    constructor(input: RequestInfo | URL, init?: RequestInit);
    readonly url: string;
    readonly method: string;
    readonly headers: Headers;
    /** `follow`, unless it was said; `manual` for the request that a handler gets. */
    readonly redirect: RequestRedirect;
    readonly signal: AbortSignal;
    /** What the host tells besides; only of the request that a handler gets. */
    readonly gojinn: { tenant: string; client_ip: string; trigger: string; attempt: number; trace_id: string };
    readonly body: ReadableStream<Uint8Array> | null;
    readonly bodyUsed: boolean;
    clone(): Request;
    text(): Promise<string>;
    json(): Promise<any>;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    blob(): Promise<Blob>;
    formData(): Promise<FormData>;
}

interface ResponseInit {
    status?: number;
    statusText?: string;
    headers?: HeadersInit;
}

declare class Response implements Body {
    constructor(body?: BodyInit | null, init?: ResponseInit);
    static error(): Response;
    static json(data: unknown, init?: ResponseInit): Response;
    static redirect(url: string | URL, status?: number): Response;
    readonly status: number;
    /** Empty, unless it was given to the constructor. */
    readonly statusText: string;
    readonly ok: boolean;
    readonly headers: Headers;
    readonly url: string;
    readonly redirected: boolean;
    readonly type: "basic" | "default" | "error";
    readonly body: ReadableStream<Uint8Array> | null;
    readonly bodyUsed: boolean;
    clone(): Response;
    text(): Promise<string>;
    json(): Promise<any>;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    blob(): Promise<Blob>;
    formData(): Promise<FormData>;
}

/**
 * Asks another server, if the function has `allow_host` for it. Any status is an answer. Rejects with TypeError where there
 * is none, which says why; its `cause` is a HostError, with the code `denied`, `unavailable`, `timeout`, `too-large` or
 * `bad-request`.
 */
declare function fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;

declare class URLSearchParams implements Iterable<[string, string]> {
    constructor(init?: string | Record<string, string> | Iterable<readonly [string, string]>);
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value?: string): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value?: string): boolean;
    set(name: string, value: string): void;
    sort(): void;
    forEach(callback: (value: string, name: string, params: URLSearchParams) => void, self?: unknown): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
    [Symbol.iterator](): IterableIterator<[string, string]>;
    toString(): string;
}

declare class URL {
    constructor(url: string | URL, base?: string | URL);
    static canParse(url: string | URL, base?: string | URL): boolean;
    static parse(url: string | URL, base?: string | URL): URL | null;
    href: string;
    readonly origin: string;
    protocol: string;
    username: string;
    password: string;
    host: string;
    hostname: string;
    port: string;
    pathname: string;
    search: string;
    readonly searchParams: URLSearchParams;
    hash: string;
    toString(): string;
    toJSON(): string;
}

declare class TextEncoder {
    readonly encoding: string;
    encode(text?: string): Uint8Array;
    encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}

declare class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    readonly encoding: string;
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    decode(source?: ArrayBuffer | ArrayBufferView, options?: { stream?: boolean }): string;
}

declare class Event {
    constructor(type: string, options?: { bubbles?: boolean; cancelable?: boolean });
    readonly type: string;
    readonly target: EventTarget | null;
    readonly currentTarget: EventTarget | null;
    readonly bubbles: boolean;
    readonly cancelable: boolean;
    readonly defaultPrevented: boolean;
    readonly timeStamp: number;
    preventDefault(): void;
    stopPropagation(): void;
    stopImmediatePropagation(): void;
}

declare class CustomEvent<T = unknown> extends Event {
    constructor(type: string, options?: { bubbles?: boolean; cancelable?: boolean; detail?: T });
    readonly detail: T;
}

type Listener = ((event: any) => void) | { handleEvent(event: any): void };
type ListenerOptions = boolean | { once?: boolean; signal?: AbortSignal };

declare class EventTarget {
    addEventListener(type: string, callback: Listener | null, options?: ListenerOptions): void;
    removeEventListener(type: string, callback: Listener | null): void;
    dispatchEvent(event: Event): boolean;
}

declare class AbortSignal extends EventTarget {
    private constructor();
    static abort(reason?: unknown): AbortSignal;
    static timeout(milliseconds: number): AbortSignal;
    static any(signals: Iterable<AbortSignal>): AbortSignal;
    readonly aborted: boolean;
    readonly reason: any;
    onabort: ((event: Event) => void) | null;
    throwIfAborted(): void;
}

declare class AbortController {
    readonly signal: AbortSignal;
    abort(reason?: unknown): void;
}

interface QueuingStrategy<T> {
    highWaterMark?: number;
    size?(chunk: T): number;
}

interface ReadableStreamDefaultController<T> {
    readonly desiredSize: number | null;
    enqueue(chunk: T): void;
    close(): void;
    error(reason?: unknown): void;
}

interface ReadableStreamDefaultReader<T> {
    readonly closed: Promise<void>;
    read(): Promise<{ value: T; done: false } | { value: undefined; done: true }>;
    cancel(reason?: unknown): Promise<void>;
    releaseLock(): void;
}

interface PipeOptions {
    preventClose?: boolean;
    preventAbort?: boolean;
    preventCancel?: boolean;
    signal?: AbortSignal;
}

declare class ReadableStream<T = any> implements AsyncIterable<T> {
    constructor(
        source?: {
            type?: "bytes";
            start?(controller: ReadableStreamDefaultController<T>): unknown;
            pull?(controller: ReadableStreamDefaultController<T>): unknown;
            cancel?(reason: unknown): unknown;
        },
        strategy?: QueuingStrategy<T>,
    );
    static from<T>(chunks: Iterable<T> | AsyncIterable<T>): ReadableStream<T>;
    readonly locked: boolean;
    cancel(reason?: unknown): Promise<void>;
    getReader(): ReadableStreamDefaultReader<T>;
    pipeThrough<U>(pair: { readable: ReadableStream<U>; writable: WritableStream<T> }, options?: PipeOptions): ReadableStream<U>;
    pipeTo(target: WritableStream<T>, options?: PipeOptions): Promise<void>;
    tee(): [ReadableStream<T>, ReadableStream<T>];
    values(options?: { preventCancel?: boolean }): AsyncIterableIterator<T>;
    [Symbol.asyncIterator](): AsyncIterableIterator<T>;
}

interface WritableStreamDefaultController {
    readonly signal: AbortSignal;
    error(reason?: unknown): void;
}

interface WritableStreamDefaultWriter<T> {
    readonly closed: Promise<void>;
    readonly ready: Promise<void>;
    readonly desiredSize: number | null;
    write(chunk: T): Promise<void>;
    close(): Promise<void>;
    abort(reason?: unknown): Promise<void>;
    releaseLock(): void;
}

declare class WritableStream<T = any> {
    constructor(
        sink?: {
            start?(controller: WritableStreamDefaultController): unknown;
            write?(chunk: T, controller: WritableStreamDefaultController): unknown;
            close?(): unknown;
            abort?(reason: unknown): unknown;
        },
        strategy?: QueuingStrategy<T>,
    );
    readonly locked: boolean;
    abort(reason?: unknown): Promise<void>;
    close(): Promise<void>;
    getWriter(): WritableStreamDefaultWriter<T>;
}

interface TransformStreamDefaultController<T> {
    readonly desiredSize: number | null;
    enqueue(chunk: T): void;
    error(reason?: unknown): void;
    terminate(): void;
}

declare class TransformStream<T = any, U = any> {
    constructor(
        transformer?: {
            start?(controller: TransformStreamDefaultController<U>): unknown;
            transform?(chunk: T, controller: TransformStreamDefaultController<U>): unknown;
            flush?(controller: TransformStreamDefaultController<U>): unknown;
            cancel?(reason: unknown): unknown;
        },
        writing?: QueuingStrategy<T>,
        reading?: QueuingStrategy<U>,
    );
    readonly readable: ReadableStream<U>;
    readonly writable: WritableStream<T>;
}

declare class TextEncoderStream extends TransformStream<string, Uint8Array> {
    readonly encoding: string;
}

declare class TextDecoderStream extends TransformStream<ArrayBuffer | ArrayBufferView, string> {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    readonly encoding: string;
}

declare class CountQueuingStrategy {
    constructor(options: { highWaterMark: number });
    readonly highWaterMark: number;
    size(): number;
}

declare class ByteLengthQueuingStrategy {
    constructor(options: { highWaterMark: number });
    readonly highWaterMark: number;
    size(chunk: ArrayBufferView): number;
}

declare class DOMException extends Error {
    constructor(message?: string, name?: string);
    readonly code: number;
}

declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;
declare function structuredClone<T>(value: T): T;

declare function setTimeout<T extends unknown[]>(callback: (...values: T) => void, delay?: number, ...values: T): number;
declare function setInterval<T extends unknown[]>(callback: (...values: T) => void, delay?: number, ...values: T): number;
declare function setImmediate<T extends unknown[]>(callback: (...values: T) => void, ...values: T): number;
declare function clearTimeout(id: number | undefined): void;
declare function clearInterval(id: number | undefined): void;
declare function clearImmediate(id: number | undefined): void;

declare const performance: { readonly timeOrigin: number; now(): number };
declare const navigator: { readonly userAgent: string; readonly language: string };
declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

declare const console: {
    debug(...values: unknown[]): void;
    trace(...values: unknown[]): void;
    log(...values: unknown[]): void;
    info(...values: unknown[]): void;
    warn(...values: unknown[]): void;
    error(...values: unknown[]): void;
    dir(value: unknown): void;
    table(...values: unknown[]): void;
    group(...values: unknown[]): void;
    groupEnd(): void;
    assert(holds: unknown, ...values: unknown[]): void;
    count(label?: string): void;
    time(label?: string): void;
    timeEnd(label?: string): void;
};

declare class CryptoKey {
    private constructor();
    readonly type: string;
    readonly algorithm: { readonly name: string; readonly hash: { readonly name: string }; readonly length: number };
    readonly extractable: boolean;
    readonly usages: readonly string[];
}

interface JsonWebKey {
    kty?: string;
    k?: string;
    alg?: string;
    ext?: boolean;
    key_ops?: string[];
}

type Bytes = ArrayBuffer | ArrayBufferView;
type Algorithm = string | { name: string };
type HmacAlgorithm = { name: "HMAC"; hash: Algorithm; length?: number };

declare const crypto: {
    getRandomValues<T extends ArrayBufferView>(array: T): T;
    randomUUID(): string;
    readonly subtle: {
        digest(algorithm: Algorithm, data: Bytes): Promise<ArrayBuffer>;
        importKey(format: "raw", data: Bytes, algorithm: HmacAlgorithm, extractable: boolean, usages: string[]): Promise<CryptoKey>;
        importKey(format: "jwk", data: JsonWebKey, algorithm: HmacAlgorithm, extractable: boolean, usages: string[]): Promise<CryptoKey>;
        exportKey(format: "raw", key: CryptoKey): Promise<ArrayBuffer>;
        exportKey(format: "jwk", key: CryptoKey): Promise<JsonWebKey>;
        generateKey(algorithm: HmacAlgorithm, extractable: boolean, usages: string[]): Promise<CryptoKey>;
        sign(algorithm: Algorithm, key: CryptoKey, data: Bytes): Promise<ArrayBuffer>;
        verify(algorithm: Algorithm, key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean>;
    };
};
