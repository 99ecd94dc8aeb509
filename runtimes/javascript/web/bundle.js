// The user's source files, while they are loaded: what an import means, and where a line came from.
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
    if (name === "gojinn") return name;
    if (!/^\.{0,2}\//.test(name)) {
        throw new ReferenceError(`the package '${name}' is not bundled: run 'npm install --save-dev esbuild' and build again`);
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
    if (!map) return null;
    const decoded = (map.decoded ??= decode(map.mappings));
    const segments = decoded[line - 1] ?? [];
    let found = null;
    for (const segment of segments) {
        if (segment[0] > column - 1) break;
        found = segment;
    }
    return found && found.length > 1 ? [map.sources[found[1]], found[2] + 1, found[3] + 1] : null;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

// Segments by line of a source map's `mappings` (ECMA-426): [column, source, line, column].
function decode(mappings) {
    const sums = [0, 0, 0, 0, 0];
    return mappings.split(";").map((line) => {
        sums[0] = 0;
        return line.split(",").filter(Boolean).map((text) => {
            const fields = numbers(text);
            fields.forEach((field, i) => (sums[i] += field));
            return sums.slice(0, Math.min(fields.length, 4));
        });
    });
}

function numbers(text) {
    const found = [];
    let value = 0;
    let shift = 0;
    for (const digit of text) {
        const bits = DIGITS.indexOf(digit);
        value += (bits & 31) << shift;
        shift += 5;
        if (bits & 32) continue;
        found.push(value & 1 ? -(value >> 1) : value >> 1);
        value = shift = 0;
    }
    return found;
}
