// Requests that are under way while something else happens. `/meet` answers when as many have come as `of` says, so
// these never end where requests wait for each other. `/never` does not answer, `/left` waits until nobody waits for that.
const after = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export async function together(to) {
    const meet = (of, name) => fetch(`${to}/meet?of=${of}&name=${name}`).then((response) => response.text());
    const all = await Promise.all([meet(3, "a"), meet(3, "a"), meet(3, "a")]);
    const order = [];
    const first = meet(2, "b").then(() => order.push("first"));
    setTimeout(() => order.push("timer"), 1);
    await after(5);
    await Promise.all([first, meet(2, "b")]);
    const many = await Promise.all(Array.from({ length: 100 }, (_, i) => fetch(`${to}/text?${i}`).then((response) => response.url)));
    let polls = 0;
    let done = false;
    const polled = fetch(`${to}/text`).then(() => void (done = true));
    for (; !done; polls++) await after(0);
    await polled;
    const streams = await Promise.all([fetch(`${to}/bytes`), fetch(`${to}/text`)]);
    return [
        ["side by side", all, ["met", "met", "met"]],
        ["timers in between", order, ["timer", "first"]],
        ["more than the host has at once", many.map((url) => url.split("?")[1]), Array.from({ length: 100 }, (_, i) => String(i))],
        ["a loop that looks again and again", polls > 0, true],
        ["the quicker", await Promise.race([fetch(`${to}/never`).then(() => "fetch"), after(5).then(() => "timer")]), "timer"],
        ["whatever comes first", await Promise.any([fetch(`${to}/closed`), meet(1, "c")]), "met"],
        ["each its own", await Promise.all([streams[0].bytes().then((b) => b.length), streams[1].text()]), [3, "grün"]],
    ];
}

export async function aborts(to) {
    const why = async (signal, path = "/never") => fetch(to + path, { signal }).then(() => "answered", (error) => error);
    const early = new AbortController();
    early.abort();
    const late = new AbortController();
    const waiting = why(late.signal);
    await (await fetch(`${to}/come`)).text();
    late.abort(new RangeError("mine"));
    const gone = await (await fetch(`${to}/left`)).text();
    const some = new AbortController();
    const lot = Array.from({ length: 40 }, () => why(some.signal));
    setTimeout(() => some.abort(), 2);
    const request = new Request(`${to}/never`, { signal: AbortSignal.timeout(2) });
    const kept = new AbortController();
    const answer = await fetch(`${to}/text`, { signal: kept.signal });
    kept.abort();
    const slow = new ReadableStream({ pull: () => after(60_000) });
    const body = fetch(`${to}/echo`, { method: "POST", body: slow, signal: AbortSignal.timeout(2) }).catch((error) => error.name);
    return [
        ["before", [(await why(early.signal)).name, (await why(AbortSignal.abort(5)))], ["AbortError", 5]],
        ["under way", [(await waiting).message, gone], ["mine", "left"]],
        ["in time", (await why(AbortSignal.timeout(2))).name, "TimeoutError"],
        ["by the request's signal", await fetch(request).catch((error) => error.name), "TimeoutError"],
        ["by one of several", (await why(AbortSignal.any([new AbortController().signal, AbortSignal.timeout(2)]))).name, "TimeoutError"],
        ["many", [...new Set((await Promise.all(lot)).map((error) => error.name))], ["AbortError"]],
        ["after the answer", await answer.text(), "grün"],
        ["while the body is read", await body, "TimeoutError"],
    ];
}
