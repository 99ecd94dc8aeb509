// WritableStream and TransformStream: https://streams.spec.whatwg.org/#ws-class
import { AbortController } from "gojinn:events";
import { TextDecoder, encode } from "gojinn:encoding";
import { ReadableStream, deferred, strategy } from "gojinn:readable";

export class WritableStreamDefaultController {
    #stop = new AbortController();
    #fail;

    constructor(fail) {
        this.#fail = fail;
    }

    static stop(controller, reason) {
        controller.#stop.abort(reason);
    }

    get signal() {
        return this.#stop.signal;
    }

    error(reason) {
        this.#fail(reason);
    }
}

export class WritableStream {
    #sink;
    #most;
    #weigh;
    #held = 0;
    #state = "writable";
    #error;
    #writer = null;
    #controller = new WritableStreamDefaultController((reason) => this.#fail(reason));
    #last; // settled when all that was written before is
    #closed = deferred();
    #ready = deferred();

    constructor(sink = {}, given = {}) {
        const { most, weigh } = strategy(given, 1);
        this.#sink = sink ?? {};
        this.#most = most;
        this.#weigh = weigh;
        this.#last = Promise.resolve(this.#sink.start?.(this.#controller)).catch((reason) => this.#fail(reason));
        this.#paced();
    }

    #fail(reason) {
        if (this.#state === "errored" || this.#state === "closed") return;
        this.#state = "errored";
        this.#error = reason;
        this.#closed.reject(reason);
        this.#ready.reject(reason);
        this.#ready = deferred();
        this.#ready.reject(reason);
    }

    // Lets writers go on, or has them wait.
    #paced() {
        if (this.#state === "errored") return;
        if (this.#most - this.#held > 0 || this.#state !== "writable") this.#ready.resolve();
        else this.#ready = deferred();
    }

    #checked() {
        if (this.#state === "errored") throw this.#error;
        if (this.#state !== "writable") throw new TypeError("the stream has been closed");
    }

    static attach(stream, writer) {
        if (stream.#writer) throw new TypeError("the stream is locked: it has a writer");
        stream.#writer = writer;
    }

    static detach(stream) {
        stream.#writer = null;
    }

    static told(stream) {
        return { closed: stream.#closed.promise, ready: stream.#ready.promise };
    }

    static room(stream) {
        if (stream.#state === "errored") return null;
        return stream.#state === "closed" ? 0 : stream.#most - stream.#held;
    }

    static async put(stream, chunk) {
        stream.#checked();
        const weight = Number(stream.#weigh(chunk));
        stream.#held += weight;
        stream.#paced();
        const written = stream.#last.then(async () => {
            if (stream.#state === "errored") throw stream.#error;
            await stream.#sink.write?.(chunk, stream.#controller);
            if (stream.#state === "errored") throw stream.#error;
        });
        stream.#last = written.catch((reason) => stream.#fail(reason)).then(() => {
            stream.#held -= weight;
            stream.#paced();
        });
        return written;
    }

    static async end(stream) {
        stream.#checked();
        stream.#state = "closing";
        stream.#paced();
        stream.#last = stream.#last.then(async () => {
            if (stream.#state === "errored") return;
            await stream.#sink.close?.();
            if (stream.#state === "errored") return;
            stream.#state = "closed";
            stream.#closed.resolve();
        }).catch((reason) => stream.#fail(reason));
        await stream.#closed.promise;
    }

    static async drop(stream, reason) {
        if (stream.#state === "closed" || stream.#state === "errored") return;
        WritableStreamDefaultController.stop(stream.#controller, reason);
        stream.#fail(reason);
        await stream.#sink.abort?.(reason);
    }

    get locked() {
        return this.#writer !== null;
    }

    async abort(reason) {
        if (this.locked) throw new TypeError("the stream is locked: its writer can abort it");
        await WritableStream.drop(this, reason);
    }

    async close() {
        if (this.locked) throw new TypeError("the stream is locked: its writer can close it");
        await WritableStream.end(this);
    }

    getWriter() {
        return new WritableStreamDefaultWriter(this);
    }
}

export class WritableStreamDefaultWriter {
    #stream;

    constructor(stream) {
        WritableStream.attach(stream, this);
        this.#stream = stream;
    }

    #attached() {
        if (!this.#stream) throw new TypeError("the writer was released");
        return this.#stream;
    }

    get closed() {
        return this.#stream ? WritableStream.told(this.#stream).closed : released();
    }

    get ready() {
        return this.#stream ? WritableStream.told(this.#stream).ready : released();
    }

    get desiredSize() {
        return WritableStream.room(this.#attached());
    }

    async write(chunk) {
        await WritableStream.put(this.#attached(), chunk);
    }

    async close() {
        await WritableStream.end(this.#attached());
    }

    async abort(reason) {
        await WritableStream.drop(this.#attached(), reason);
    }

    releaseLock() {
        if (this.#stream) WritableStream.detach(this.#stream);
        this.#stream = null;
    }
}

function released() {
    const made = deferred();
    made.reject(new TypeError("the writer was released"));
    return made.promise;
}

export class TransformStreamDefaultController {
    #out;
    #end;

    constructor(out, end) {
        this.#out = out;
        this.#end = end;
    }

    get desiredSize() {
        return this.#out.desiredSize;
    }

    enqueue(chunk) {
        this.#out.enqueue(chunk);
    }

    error(reason) {
        this.#out.error(reason);
        this.#end(reason);
    }

    terminate() {
        this.#out.close();
        this.#end(new TypeError("the stream was terminated"));
    }
}

export class TransformStream {
    #readable;
    #writable;

    constructor(transformer = {}, writing = {}, reading = { highWaterMark: 0 }) {
        let out;
        let input;
        let wanted = deferred();
        this.#readable = new ReadableStream({
            start: (controller) => void (out = controller),
            pull: () => wanted.resolve(),
            cancel: async (reason) => {
                await transformer?.cancel?.(reason);
                input.error(reason);
                wanted.resolve();
            },
        }, { highWaterMark: 0, ...reading });
        const controller = new TransformStreamDefaultController(out, (reason) => input.error(reason));
        const transform = transformer?.transform?.bind(transformer) ?? ((chunk) => out.enqueue(chunk));
        const failing = async (step) => {
            try {
                await step();
            } catch (error) {
                out.error(error);
                throw error;
            }
        };
        this.#writable = new WritableStream({
            start: (given) => {
                input = given;
                return transformer?.start?.(controller);
            },
            write: (chunk) => failing(async () => {
                while (!ReadableStream.isWanted(this.#readable)) {
                    wanted = deferred();
                    await wanted.promise;
                }
                await transform(chunk, controller);
            }),
            close: () => failing(async () => {
                await transformer?.flush?.(controller);
                if (out.desiredSize !== null) closed(out);
            }),
            abort: async (reason) => {
                await transformer?.cancel?.(reason);
                out.error(reason);
                wanted.resolve();
            },
        }, writing);
    }

    get readable() {
        return this.#readable;
    }

    get writable() {
        return this.#writable;
    }
}

// Ends what may have been ended by its transformer.
function closed(out) {
    try {
        out.close();
    } catch {
        return;
    }
}

export class TextEncoderStream extends TransformStream {
    constructor() {
        super({ transform: (chunk, out) => void (String(chunk) && out.enqueue(encode(String(chunk)))) });
    }

    get encoding() {
        return "utf-8";
    }
}

export class TextDecoderStream extends TransformStream {
    #decoder;

    constructor(label, options) {
        const decoder = new TextDecoder(label, options);
        const put = (text, out) => void (text && out.enqueue(text));
        super({
            transform: (chunk, out) => put(decoder.decode(chunk, { stream: true }), out),
            flush: (out) => put(decoder.decode(), out),
        });
        this.#decoder = decoder;
    }

    get encoding() {
        return this.#decoder.encoding;
    }

    get fatal() {
        return this.#decoder.fatal;
    }

    get ignoreBOM() {
        return this.#decoder.ignoreBOM;
    }
}

class QueuingStrategy {
    constructor({ highWaterMark }) {
        this.highWaterMark = Number(highWaterMark);
    }
}

export class CountQueuingStrategy extends QueuingStrategy {
    size() {
        return 1;
    }
}

export class ByteLengthQueuingStrategy extends QueuingStrategy {
    size(chunk) {
        return chunk.byteLength;
    }
}
