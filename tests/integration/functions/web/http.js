// Headers, Request, Response.
async function thrown(action) {
    try {
        await action();
    } catch (error) {
        return error.name;
    }
    return "nothing";
}

export async function headers() {
    const some = new Headers({ "Content-Type": "text/plain", "X-A": " 1 " });
    some.append("x-a", "2");
    some.append("Set-Cookie", "a=1");
    some.append("set-cookie", "b=2");
    const copy = new Headers(some);
    copy.delete("x-a");
    copy.set("content-type", "text/html");
    return [
        ["joined", some.get("X-a"), "1, 2"],
        ["missing", some.get("nope"), null],
        ["has", [some.has("X-A"), copy.has("X-A")], [true, false]],
        ["cookies", some.getSetCookie(), ["a=1", "b=2"]],
        ["sorted", [...some], [["content-type", "text/plain"], ["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1, 2"]]],
        ["keys", [...copy.keys()], ["content-type", "set-cookie", "set-cookie"]],
        ["a copy", [some.get("content-type"), copy.get("content-type")], ["text/plain", "text/html"]],
        ["pairs", new Headers([["a", "b"]]).get("A"), "b"],
        ["a bad name", await thrown(() => new Headers({ "a b": "c" })), "TypeError"],
        ["a bad value", await thrown(() => some.set("a", "b\nc")), "TypeError"],
        ["bad pairs", await thrown(() => new Headers([["a"]])), "TypeError"],
    ];
}

export async function forms() {
    const form = new FormData();
    form.append("a", "1");
    form.append("a", "two\nlines");
    form.append('q"', new File([new Uint8Array([0, 13, 10, 45, 45, 255])], "f.bin", { type: "application/x-test" }));
    const request = new Request("http://a/", { method: "POST", body: form });
    const type = request.headers.get("content-type");
    const back = await request.clone().formData();
    const file = back.get('q"');
    const cut = new Response((await request.bytes()).slice(0, -8), { headers: { "content-type": type } });
    const urlencoded = new Response(new URLSearchParams({ "a b": "é", c: "" }));
    const foreign = '--x\r\nContent-Disposition: form-data; name="n"; filename="a.txt"\r\n\r\nhi\r\n--x--';
    const read = await new Response(foreign, { headers: { "content-type": 'multipart/form-data; boundary="x"' } }).formData();
    form.set("a", "3");
    form.delete('q"');
    return [
        ["its type", type.startsWith("multipart/form-data; boundary=----gojinn"), true],
        ["values", back.getAll("a"), ["1", "two\r\nlines"]],
        ["a file", [file.name, file.type, file.size, [...(await file.bytes())]], ["f.bin", "application/x-test", 6, [0, 13, 10, 45, 45, 255]]],
        ["cut off", await thrown(() => cut.formData()), "TypeError"],
        ["urlencoded", [...(await urlencoded.formData())], [["a b", "é"], ["c", ""]]],
        ["no form", await thrown(() => new Response("x").formData()), "TypeError"],
        ["written elsewhere", [read.get("n").name, await read.get("n").text()], ["a.txt", "hi"]],
        ["changed", [[...form], form.has("a"), form.get("b")], [[["a", "3"]], true, null]],
        ["a blob", await new Blob(["ab", new Uint8Array([99])]).slice(1).text(), "bc"],
        ["a body of a blob", await new Response(new Blob(["x"], { type: "Text/X" })).blob().then((b) => [b.type, b.size]), ["text/x", 1]],
    ];
}

export async function bodies() {
    const post = new Request("http://a.example/x?y", { method: "post", body: '{"a": [1]}', headers: { "x-b": "c" } });
    const again = new Request(post.clone(), { method: "PUT" });
    const response = Response.json({ a: 1 }, { status: 201 });
    const bytes = new Response(new Uint8Array([0xff, 0xfe, 0x41]));
    const used = new Response("x");
    await used.text();
    const chunks = [];
    for await (const chunk of new Response("abc").body) chunks.push(...chunk);
    return [
        ["method and URL", [post.method, post.url, post.headers.get("x-b")], ["POST", "http://a.example/x?y", "c"]],
        ["content type of a text", post.headers.get("content-type"), "text/plain;charset=UTF-8"],
        ["JSON", await post.json(), { a: [1] }],
        ["read twice", [post.bodyUsed, await thrown(() => post.text())], [true, "TypeError"]],
        ["a request of a request", [again.method, again.url, await again.text()], ["PUT", post.url, '{"a": [1]}']],
        ["a body with GET", await thrown(() => new Request("http://a/", { body: "x" })), "TypeError"],
        ["a relative URL", await thrown(() => new Request("/x")), "TypeError"],
        ["Response.json", [response.status, response.ok, response.headers.get("content-type"), await response.text()], [201, true, "application/json", '{"a":1}']],
        ["nothing in JSON", await thrown(() => Response.json(undefined)), "TypeError"],
        ["bytes as text", await bytes.clone().text(), "\ufffd\ufffdA"],
        ["bytes", [...(await bytes.bytes())], [255, 254, 65]],
        ["a buffer", (await new Response("é").arrayBuffer()).byteLength, 2],
        ["parameters", [await new Response(new URLSearchParams({ a: "b c" })).text()], ["a=b+c"]],
        ["redirect", [Response.redirect("/x", 303).status, Response.redirect("/x").headers.get("location")], [303, "/x"]],
        ["a status without body", await thrown(() => new Response("x", { status: 204 })), "TypeError"],
        ["a bad status", await thrown(() => new Response("", { status: 1000 })), "RangeError"],
        ["an object as body", await thrown(() => new Response({ a: 1 })), "TypeError"],
        ["a clone of a used one", await thrown(() => used.clone()), "TypeError"],
        ["chunks", chunks, [97, 98, 99]],
        ["a body passed on", await new Response(new Response("on").body).text(), "on"],
        ["no body", [new Response().body, await new Response().text()], [null, ""]],
    ];
}
