// What cannot be asked, and what cannot be had: the error's class and a piece of what it says.
export async function refusals(to) {
    const said = async (piece, ...asked) => {
        const error = await fetch(...asked).then((response) => ({ name: "answered", message: response.status }), (reason) => reason);
        return [error.name, String(error.message).includes(piece) || error.message];
    };
    const type = ["TypeError", true];
    const used = new Request(`${to}/echo`, { method: "POST", body: "x" });
    await used.text();
    const many = await Promise.allSettled(Array.from({ length: 500 }, () => fetch(`${to.replace(/\d+$/, "1")}/`)));
    const failed = await fetch("http://denied.example/").catch((error) => error);
    return [
        ["nothing", await said("'undefined' is not a URL, expected a whole one"), type],
        ["a symbol", await said("'Symbol(x)' is not a URL", Symbol("x")), type],
        ["a path", await said("'/x' is not a URL", "/x"), type],
        ["another scheme", await said("expected an address that begins with 'http:'", "ftp://a.example/"), type],
        ["a password", await said("give them in the header 'authorization'", "http://a:b@c.example/"), type],
        ["options", await said("options are a string", to, "GET"), type],
        ["a method", await said("'a b' is not a method", to, { method: "a b" }), type],
        ["a method for proxies", await said("cannot have the method TRACE", to, { method: "trace" }), type],
        ["a header's name", await said("is not a header's name", to, { headers: { "a b": "c" } }), type],
        ["a header's value", await said("has a line break in it", to, { headers: { a: "b\r\nc: d" } }), type],
        ["headers", await said("headers are given as", to, { headers: "a: b" }), type],
        ["a body with GET", await said("cannot have a body", to, { body: "x" }), type],
        ["an object as the body", await said("a body cannot be Object", to, { method: "POST", body: { a: 1 } }), type],
        ["a body that was read", await said("has been read already", used), type],
        ["a redirect", await said("expected 'follow', 'error' or 'manual'", to, { redirect: "never" }), type],
        ["a signal", await said("'signal' is no AbortSignal", to, { signal: {} }), type],
        ["a stream of texts", await said("no Uint8Array", to, { method: "POST", body: ReadableStream.from(["x"]) }), type],
        ["a stream that fails", await said("mine", to, { method: "POST", body: new ReadableStream({ pull() { throw new RangeError("mine"); } }) }), ["RangeError", true]],
        ["a large body", await said("the request has more than 8 MiB", to, { method: "POST", body: "x".repeat(9 << 20) }), type],
        ["a large answer", await said("fetch of", `${to}/large`), type],
        ["not allowed", await said("allow_host denied.example", "http://denied.example/"), type],
        ["its cause", [failed.cause.name, failed.cause.code], ["HostError", "denied"]],
        ["nobody there", await said("refuses connections", `${to}/`.replace(/:\d+\//, ":1/")), type],
        ["an answer that is cut", await said("fetch of", `${to}/cut`), type],
        ["no end of redirects", await said("redirect", `${to}/round`), type],
        ["hundreds", new Set(many.map((each) => each.reason.cause.code)).size, 1],
    ];
}
