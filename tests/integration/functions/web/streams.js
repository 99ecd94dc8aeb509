// Streams, events and signals.
async function thrown(action) {
    try {
        await action();
    } catch (error) {
        return error.name;
    }
    return "nothing";
}

async function all(stream) {
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    return chunks;
}

const counting = (log, options) => {
    let next = 0;
    return new ReadableStream({
        pull(controller) {
            log.push(`pull ${next}`);
            if (next === 3) controller.close();
            else controller.enqueue(next++);
        },
        cancel: (reason) => void log.push(`cancel ${reason}`),
    }, options);
};

const doubling = () => new TransformStream({
    transform: (chunk, controller) => void (controller.enqueue(chunk), controller.enqueue(chunk)),
    flush: (controller) => controller.enqueue("end"),
});

export async function streams() {
    const [lazy, early, given] = [[], [], []];
    const unread = counting(early);
    await new Promise((resolve) => setTimeout(resolve));
    await unread.cancel("enough");
    const [one, two] = counting([]).tee();
    const sink = new WritableStream({ write: (chunk) => void given.push(chunk), close: () => void given.push("close"), abort: (why) => void given.push(why) });
    await counting([]).pipeTo(sink);
    const failing = new ReadableStream({ start: (controller) => controller.error(new RangeError("broken")) });
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const written = (async () => {
        await writer.write(new TextEncoder().encode("one "));
        await writer.write(new TextEncoder().encode("two"));
        await writer.close();
    })();
    const through = await new Response(readable).text();
    await written;
    const halves = ReadableStream.from([[0xe2, 0x82], [0xac, 0x61]].map((bytes) => new Uint8Array(bytes)));
    const stop = new AbortController();
    const aborted = thrown(() => new ReadableStream({}).pipeTo(new WritableStream(), { signal: stop.signal }));
    stop.abort();
    const locked = new ReadableStream({});
    locked.getReader();
    const request = new Request("http://a/", { method: "POST", body: "text" });
    const [used, before] = [request.body, request.bodyUsed];
    await used.getReader().read();
    const response = new Response(counting([]).pipeThrough(new TextEncoderStream()));
    const copy = response.clone();
    return [
        ["chunks", [await all(counting(lazy, { highWaterMark: 0 })), lazy], [[0, 1, 2], ["pull 0", "pull 1", "pull 2", "pull 3"]]],
        ["no more than is wanted", early, ["pull 0", "cancel enough"]],
        ["two of one", [await all(one), await all(two)], [[0, 1, 2], [0, 1, 2]]],
        ["written", given, [0, 1, 2, "close"]],
        ["transformed", await all(ReadableStream.from(["a", "b"]).pipeThrough(doubling())), ["a", "a", "b", "b", "end"]],
        ["broken", [await thrown(() => all(failing)), await thrown(() => all(failing.pipeThrough(doubling())))], ["RangeError", "RangeError"]],
        ["a body through a transform", through, "one two"],
        ["text in parts", (await all(halves.pipeThrough(new TextDecoderStream()))).join(""), "€a"],
        ["aborted", await aborted, "AbortError"],
        ["locked", [locked.locked, await thrown(() => locked.getReader()), await thrown(() => locked.cancel())], [true, "TypeError", "TypeError"]],
        ["a body's stream", [before, request.bodyUsed, await thrown(() => request.text())], [false, true, "TypeError"]],
        ["a text as an object", await new Response(new String("<p>")).text(), "<p>"],
        ["passed on", await new Response(new Response("same").body).text(), "same"],
        ["a clone of a stream", [await response.text(), await copy.text()], ["012", "012"]],
        ["a blob's", [...(await all(new Blob(["a", "b"]).stream()))[0]], [97, 98]],
        ["no bytes", await thrown(() => new Response(ReadableStream.from([5])).text()), "TypeError"],
        ["a write after the end", await thrown(() => writer.write("x")), "TypeError"],
    ];
}

export async function events() {
    const heard = [];
    const target = new EventTarget();
    const first = (event) => heard.push(`first ${event.type} ${event.detail}`);
    target.addEventListener("a", first);
    target.addEventListener("a", first);
    target.addEventListener("a", { handleEvent: (event) => event.preventDefault() }, { once: true });
    const stop = new AbortController();
    target.addEventListener("a", () => heard.push("until"), { signal: stop.signal });
    const went = target.dispatchEvent(new CustomEvent("a", { detail: 5, cancelable: true }));
    stop.abort("why");
    target.dispatchEvent(new CustomEvent("a", { detail: 6 }));
    target.removeEventListener("a", first);
    target.dispatchEvent(new Event("a"));
    const timeout = AbortSignal.timeout(5);
    const any = AbortSignal.any([timeout, new AbortController().signal]);
    await new Promise((resolve) => any.addEventListener("abort", resolve));
    return [
        ["heard", heard, ["first a 5", "until", "first a 6"]],
        ["prevented", went, false],
        ["aborted", [stop.signal.aborted, stop.signal.reason], [true, "why"]],
        ["without a reason", AbortSignal.abort().reason.name, "AbortError"],
        ["thrown", await thrown(() => AbortSignal.abort(new RangeError()).throwIfAborted()), "RangeError"],
        ["in time", [timeout.reason.name, any.reason === timeout.reason], ["TimeoutError", true]],
        ["a fetch that was aborted", await thrown(() => fetch("http://localhost/", { signal: AbortSignal.abort() })), "AbortError"],
        ["no constructor", await thrown(() => new AbortSignal()), "TypeError"],
    ];
}
