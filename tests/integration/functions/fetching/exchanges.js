// Single requests and their answers. `/echo` of the server tells what it got.
import { http } from "gojinn";

const echoed = async (...asked) => (await fetch(...asked)).json();

export async function requests(to) {
    const plain = await echoed(`${to}/echo?a=b#c`);
    const post = new Request(new URL(`${to}/echo`), { method: "post", body: "x", headers: { "X-One": "1", "accept-encoding": "br" } });
    post.headers.append("x-one", "2");
    const sent = await echoed(post);
    const changed = await echoed(new Request(`${to}/echo?new`, new Request("http://a.example/", { method: "PUT", body: "y" })));
    const own = await echoed(`${to}/echo`, { method: "report", headers: [["x-one", "é"]] });
    return [
        ["by default", [plain.method, plain.target, plain.body], ["GET", "/echo?a=b", ""]],
        ["a request's own", [sent.method, sent.headers["x-one"], sent.body], ["POST", "1, 2", "x"]],
        ["encodings are the host's", sent.headers["accept-encoding"], "gzip"],
        ["a request that is read", post.bodyUsed, true],
        ["another address", [changed.method, changed.target, changed.body], ["PUT", "/echo?new", "y"]],
        ["a method of one's own", [own.method, own.headers["x-one"]], ["REPORT", "é"]],
        ["no body", (await echoed(`${to}/echo`, { method: "POST", body: null })).headers["content-length"], "0"],
        ["no options", (await echoed(`${to}/echo`, null)).method, "GET"],
        ["of the package", (await (await http.fetch(`${to}/echo`)).json()).method, "GET"],
    ];
}

export async function bodies(to) {
    const send = (body, headers) => echoed(`${to}/echo`, { method: "POST", body, headers });
    const sent = async (body) => {
        const got = await send(body);
        return [got.headers["content-type"]?.split("----")[0] ?? null, got.body];
    };
    const bytes = new Uint8Array([0, 255, 10]);
    const form = new FormData();
    form.append("a", "1");
    form.append("f", new File(["hi"], "a.txt"));
    const chunks = async function* () {
        yield new TextEncoder().encode("one ");
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield new TextEncoder().encode("two");
    };
    const large = "€".repeat(500_000);
    const boundary = await send(form);
    return [
        ["text", await sent("é"), ["text/plain;charset=UTF-8", "é"]],
        ["parameters", await sent(new URLSearchParams({ a: "b c" })), ["application/x-www-form-urlencoded;charset=UTF-8", "a=b+c"]],
        ["a blob", await sent(new Blob(["x"], { type: "text/x" })), ["text/x", "x"]],
        ["a form", [(await sent(form))[0], boundary.body.split("\r\n")[3]], ["multipart/form-data; boundary=", "1"]],
        ["a stream", await sent(ReadableStream.from(chunks())), [null, "one two"]],
        ["a buffer", (await send(bytes.buffer)).base64, bytes.toBase64()],
        ["a view", (await send(new DataView(bytes.buffer, 1))).base64, bytes.slice(1).toBase64()],
        ["its own type", (await send("{}", { "content-type": "application/json" })).headers["content-type"], "application/json"],
        ["large", (await send(large)).body === large, true],
    ];
}

export async function answers(to) {
    const plain = await fetch(`${to}/text`);
    const copy = plain.clone();
    const moved = await fetch(`${to}/moved`);
    const kept = await fetch(`${to}/moved`, { redirect: "manual" });
    const missing = await fetch(`${to}/missing`);
    const cookies = await fetch(`${to}/cookies`);
    const bytes = await fetch(`${to}/bytes`);
    const head = await fetch(`${to}/text`, { method: "HEAD" });
    const empty = await fetch(`${to}/empty`);
    const chunks = [];
    for await (const chunk of (await fetch(`${to}/bytes`)).body) chunks.push(...chunk);
    const again = new Response(copy.body, copy);
    return [
        ["what it is", [plain.status, plain.ok, plain.url, plain.redirected, plain.type], [200, true, `${to}/text`, false, "basic"]],
        ["its text", [await plain.text(), plain.bodyUsed], ["grün", true]],
        ["taken over", [again.status, again.headers.get("x-a"), await again.text()], [200, "b", "grün"]],
        ["redirected", [moved.url, moved.redirected, moved.status], [`${to}/text`, true, 200]],
        ["not redirected", [kept.status, kept.headers.get("location"), kept.redirected], [302, "/text", false]],
        ["refusing to be", await fetch(`${to}/moved`, { redirect: "error" }).catch((error) => error.name), "TypeError"],
        ["an error's status", [missing.status, missing.ok, missing.clone().url], [404, false, `${to}/missing`]],
        ["cookies", cookies.headers.getSetCookie(), ["a=1", "b=2; Path=/"]],
        ["bytes", [...(await bytes.bytes())], [0, 255, 10]],
        ["a stream", chunks, [0, 255, 10]],
        ["no body", [head.body, empty.body, empty.status], [null, null, 204]],
        ["packed", await (await fetch(`${to}/packed`)).json(), { a: 1 }],
        ["a form", [...(await (await fetch(`${to}/form`)).formData())], [["a", "b c"]]],
        ["a status beyond", (await fetch(`${to}/odd`)).clone().status, 799],
    ];
}
