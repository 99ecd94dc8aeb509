// The user's source files, while they are loaded: what an import means, and where a line came from.
import * as host from "gojinn:host";

// Modules that every Node has.
const NODE = new Set(("assert async_hooks buffer child_process cluster crypto dgram dns events fs http http2 https net os path "
    + "perf_hooks process querystring readline stream string_decoder timers tls tty url util v8 vm worker_threads zlib").split(" "));

let files = {};
let maps = {};

export function adopt(bundle) {
    files = bundle.files;
    maps = bundle.maps ?? {};
    return bundle.main;
}

// The text of a module. A JSON file's value is its default export.
export function source(name) {
    const text = files[name];
    if (text === undefined) throw new ReferenceError(`there is no module '${name}'`);
    if (!name.endsWith(".json")) return text;
    JSON.parse(text);
    return `export default JSON.parse(${JSON.stringify(text)});`;
}

// The full name of what the module `base` imports as `name`.
export function resolve(base, name) {
    if (/^gojinn(:|$)/.test(name)) return name;
    if (!/^\.{0,2}\//.test(name)) {
        const own = `node:/${name.replace(/^node:/, "")}.js`; // as build/js/builtins.py puts it there
        if (Object.hasOwn(files, own)) return own;
        const first = name.split("/").slice(0, name.startsWith("@") ? 2 : 1).join("/");
        if (name.startsWith("node:") || NODE.has(first)) {
            throw new ReferenceError(`'${base}' imports '${name}', a module of Node's own, which a sandbox does not have`);
        }
        const get = `'npm install ${first}' and 'npm install --save-dev esbuild'`;
        throw new ReferenceError(`the package '${first}' is not bundled: run ${get}, then build again`);
    }
    const parts = name.startsWith("/") ? [] : base.split("/").slice(0, -1);
    for (const part of name.split("/")) {
        if (part === "..") parts.pop();
        else if (part !== "." && part !== "") parts.push(part);
    }
    const path = parts.join("/");
    const found = ["", ".js", ".mjs", "/index.js"].find((ending) => Object.hasOwn(files, path + ending));
    if (found === undefined) throw new ReferenceError(`'${base}' imports '${name}', which is not there`);
    return path + found;
}

// Where a place in a module stands in the file that it was made from: [file, line, column], or null.
export function original(name, line, column) {
    const map = maps[name];
    const found = map && host.origin(map.mappings, line - 1, column - 1);
    return found ? [map.sources[found[0]], found[1] + 1, found[2] + 1] : null;
}

// Forgets the sources once they are loaded: they would be part of each function's memory.
export function forget() {
    files = {};
}
