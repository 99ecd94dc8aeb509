// ReadableStream: https://streams.spec.whatwg.org/#rs-class. Streams to write to are in writable.js.
import { bytesOf } from "gojinn:encoding";

export function deferred() {
    const made = Promise.withResolvers();
    made.promise.catch(() => {});
    return made;
}

// How much a queue may hold, and what a chunk counts for.
export function strategy({ highWaterMark, size } = {}, usual) {
    const most = highWaterMark === undefined ? usual : Number(highWaterMark);
    if (Number.isNaN(most) || most < 0) throw new RangeError(`'highWaterMark' is ${highWaterMark}, expected 0 or more`);
    return { most, weigh: size ?? (() => 1) };
}

// Lets only a controller's own stream reach into it.
class Controller {
    #stream;

    constructor(stream) {
        this.#stream = stream;
    }

    get desiredSize() {
        return ReadableStream.room(this.#stream);
    }

    enqueue(chunk) {
        ReadableStream.put(this.#stream, chunk);
    }

    close() {
        ReadableStream.end(this.#stream);
    }

    error(reason) {
        ReadableStream.fail(this.#stream, reason);
    }
}

export class ReadableStreamDefaultController extends Controller {}

export class ReadableByteStreamController extends Controller {
    get byobRequest() {
        return null;
    }

    enqueue(chunk) {
        const bytes = bytesOf(chunk);
        if (!bytes.length) throw new TypeError("a chunk of bytes is empty");
        super.enqueue(bytes.slice());
    }
}

export class ReadableStream {
    #source;
    #controller;
    #most;
    #weigh;
    #queue = [];
    #held = 0;
    #state = "readable";
    #error;
    #ending = false;
    #started = false;
    #pulling = false;
    #again = false;
    #disturbed = false;
    #reader = null;
    #asked = [];

    constructor(source = {}, given = {}) {
        if (source === null) throw new TypeError("a stream's source is null");
        const isBytes = source.type === "bytes";
        if (source.type !== undefined && !isBytes) throw new RangeError(`there is no stream of the type '${source.type}'`);
        const { most, weigh } = strategy(given, isBytes ? 0 : 1);
        this.#most = most;
        this.#weigh = isBytes ? (chunk) => chunk.byteLength : weigh;
        this.#source = source;
        this.#controller = new (isBytes ? ReadableByteStreamController : ReadableStreamDefaultController)(this);
        const begun = source.start?.(this.#controller);
        Promise.resolve(begun).then(() => {
            this.#started = true;
            this.#pull();
        }, (reason) => ReadableStream.fail(this, reason));
    }

    static from(iterable) {
        const chunks = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]?.();
        if (!chunks) throw new TypeError("a stream is made of something to iterate over");
        return new ReadableStream({
            async pull(controller) {
                const { done, value } = await chunks.next();
                if (done) controller.close();
                else controller.enqueue(await value);
            },
            cancel: async (reason) => void (await chunks.return?.(reason)),
        }, { highWaterMark: 0 });
    }

    static room(stream) {
        if (stream.#state === "errored") return null;
        return stream.#state === "closed" ? 0 : stream.#most - stream.#held;
    }

    static put(stream, chunk) {
        if (stream.#state !== "readable" || stream.#ending) throw new TypeError("the stream has been closed");
        if (stream.#asked.length) {
            stream.#asked.shift().resolve({ value: chunk, done: false });
        } else {
            const weight = Number(stream.#weigh(chunk));
            if (!(weight >= 0 && weight < Infinity)) throw new RangeError(`a chunk's size is ${weight}`);
            stream.#queue.push([chunk, weight]);
            stream.#held += weight;
        }
        stream.#pull();
    }

    static end(stream) {
        if (stream.#state !== "readable" || stream.#ending) throw new TypeError("the stream has been closed");
        stream.#ending = true;
        if (!stream.#queue.length) stream.#close();
    }

    static fail(stream, reason) {
        if (stream.#state !== "readable") return;
        stream.#state = "errored";
        stream.#error = reason;
        stream.#queue = [];
        for (const each of stream.#asked.splice(0)) each.reject(reason);
        stream.#reader?.closing.reject(reason);
    }

    // Whether a chunk would be taken at once, or is of no use any more.
    static isWanted(stream) {
        return stream.#state !== "readable" || stream.#asked.length > 0 || ReadableStream.room(stream) > 0;
    }

    static isDisturbed(stream) {
        return stream.#disturbed;
    }

    static attach(stream, reader) {
        if (stream.#reader) throw new TypeError("the stream is locked: it has a reader");
        stream.#reader = reader;
        if (stream.#state === "closed") reader.closing.resolve();
        if (stream.#state === "errored") reader.closing.reject(stream.#error);
    }

    static detach(stream) {
        stream.#reader = null;
        for (const each of stream.#asked.splice(0)) each.reject(new TypeError("the reader was released"));
    }

    static take(stream) {
        stream.#disturbed = true;
        if (stream.#queue.length) {
            const [value, weight] = stream.#queue.shift();
            stream.#held -= weight;
            if (stream.#ending && !stream.#queue.length) stream.#close();
            else stream.#pull();
            return Promise.resolve({ value, done: false });
        }
        if (stream.#state === "closed") return Promise.resolve({ value: undefined, done: true });
        if (stream.#state === "errored") return Promise.reject(stream.#error);
        const next = Promise.withResolvers();
        stream.#asked.push(next);
        stream.#pull();
        return next.promise;
    }

    static async drop(stream, reason) {
        stream.#disturbed = true;
        if (stream.#state === "closed") return;
        if (stream.#state === "errored") throw stream.#error;
        stream.#queue = [];
        stream.#close();
        await stream.#source.cancel?.(reason);
    }

    #close() {
        this.#state = "closed";
        for (const each of this.#asked.splice(0)) each.resolve({ value: undefined, done: true });
        this.#reader?.closing.resolve();
    }

    #pull() {
        const wanted = this.#state === "readable" && !this.#ending && this.#started && this.#source.pull;
        if (!wanted || !(this.#asked.length || ReadableStream.room(this) > 0)) return;
        if (this.#pulling) {
            this.#again = true;
            return;
        }
        this.#pulling = true;
        new Promise((resolve) => resolve(this.#source.pull(this.#controller))).then(() => {
            this.#pulling = false;
            if (!this.#again) return;
            this.#again = false;
            this.#pull();
        }, (reason) => ReadableStream.fail(this, reason));
    }

    get locked() {
        return this.#reader !== null;
    }

    async cancel(reason) {
        if (this.locked) throw new TypeError("the stream is locked: its reader can cancel it");
        await ReadableStream.drop(this, reason);
    }

    getReader({ mode } = {}) {
        if (mode !== undefined) throw new TypeError(`readers of the mode '${mode}' are not supported`);
        return new ReadableStreamDefaultReader(this);
    }

    pipeThrough({ readable, writable }, options) {
        this.pipeTo(writable, options).catch(() => {});
        return readable;
    }

    async pipeTo(target, { preventClose, preventAbort, preventCancel, signal } = {}) {
        const [reader, writer] = [this.getReader(), target.getWriter()];
        const stopped = deferred();
        const stop = () => stopped.reject(signal.reason);
        if (signal?.aborted) stop();
        signal?.addEventListener("abort", stop);
        try {
            for (let reading = true; reading; ) {
                await Promise.race([stopped.promise, writer.ready]);
                const { done, value } = await Promise.race([stopped.promise, reader.read()]);
                if (done) reading = false;
                else writer.write(value).catch(stopped.reject);
            }
            if (!preventClose) await writer.close();
        } catch (error) {
            const ends = [preventCancel ? null : reader.cancel(error), preventAbort ? null : writer.abort(error)];
            await Promise.allSettled(ends);
            throw error;
        } finally {
            signal?.removeEventListener("abort", stop);
            reader.releaseLock();
            writer.releaseLock();
        }
    }

    tee() {
        const reader = this.getReader();
        const controllers = [];
        const over = [false, false];
        let reading = false;
        const pull = async () => {
            if (reading) return;
            reading = true;
            const { done, value } = await reader.read();
            reading = false;
            controllers.forEach((each, i) => over[i] || (done ? each.close() : each.enqueue(value)));
        };
        const branch = (i) => new ReadableStream({
            start: (controller) => void (controllers[i] = controller),
            pull,
            cancel: (reason) => {
                over[i] = true;
                return over[0] && over[1] ? reader.cancel(reason) : undefined;
            },
        });
        reader.closed.catch((error) => controllers.forEach((each) => each.error(error)));
        return [branch(0), branch(1)];
    }

    async *values({ preventCancel = false } = {}) {
        const reader = this.getReader();
        let over = false;
        try {
            for (;;) {
                const { done, value } = await reader.read();
                over = done;
                if (done) return;
                yield value;
            }
        } catch (error) {
            over = true;
            throw error;
        } finally {
            if (!over && !preventCancel) await reader.cancel();
            reader.releaseLock();
        }
    }

    [Symbol.asyncIterator](options) {
        return this.values(options);
    }
}

export class ReadableStreamDefaultReader {
    #stream;
    #closing = deferred();

    constructor(stream) {
        ReadableStream.attach(stream, { closing: this.#closing });
        this.#stream = stream;
    }

    #attached() {
        if (!this.#stream) throw new TypeError("the reader was released");
        return this.#stream;
    }

    get closed() {
        return this.#closing.promise;
    }

    async read() {
        return ReadableStream.take(this.#attached());
    }

    async cancel(reason) {
        await ReadableStream.drop(this.#attached(), reason);
    }

    releaseLock() {
        if (!this.#stream) return;
        ReadableStream.detach(this.#stream);
        this.#stream = null;
        this.#closing.reject(new TypeError("the reader was released"));
    }
}
