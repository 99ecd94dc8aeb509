// `node:path`, with slashes: https://nodejs.org/api/path.html

export const sep = "/";
export const delimiter = ":";

function text(path) {
    if (typeof path === "string") return path;
    throw new TypeError(`a path is ${path === null ? "null" : `a ${typeof path}`}, expected a string`);
}

export const isAbsolute = (path) => text(path).startsWith("/");

// The parts of a path without `.`, and without `..` where there is something before it.
function parts(path, above) {
    const found = [];
    for (const part of path.split("/")) {
        if (part === "" || part === ".") continue;
        if (part !== "..") found.push(part);
        else if (found.length && found.at(-1) !== "..") found.pop();
        else if (above) found.push(part);
    }
    return found;
}

export function normalize(path) {
    const absolute = isAbsolute(path);
    const joined = parts(path, !absolute).join("/") + (/[^/]\/$/.test(path) ? "/" : "");
    if (absolute) return joined === "/" ? "/" : `/${joined}`;
    return joined === "" || joined === "/" ? (path.endsWith("/") ? "./" : ".") : joined;
}

export function join(...paths) {
    const joined = paths.map(text).filter((path) => path !== "").join("/");
    return joined === "" ? "." : normalize(joined);
}

// The current folder is `/`.
export function resolve(...paths) {
    let whole = "";
    for (const path of paths.map(text).reverse()) {
        if (path === "") continue;
        whole = `${path}/${whole}`;
        if (isAbsolute(path)) break;
    }
    return `/${parts(whole, false).join("/")}`;
}

export function relative(from, to) {
    const [here, there] = [resolve(from), resolve(to)].map((path) => parts(path, false));
    let same = 0;
    while (same < here.length && here[same] === there[same]) same++;
    return [...here.slice(same).map(() => ".."), ...there.slice(same)].join("/");
}

// Where the last part begins, and where it ends.
function last(path) {
    const end = text(path).replace(/\/+$/, "").length;
    return [path.slice(0, end).lastIndexOf("/") + 1, end];
}

export function dirname(path) {
    const [at, end] = last(path);
    if (end === 0 || at === 0) return isAbsolute(path) ? "/" : ".";
    return at === 1 ? "/" : at === 2 && isAbsolute(path) ? "//" : path.slice(0, at - 1);
}

export function basename(path, ending) {
    if (ending && path === ending) return "";
    const name = path.slice(...last(path));
    return ending && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
}

export function extname(path) {
    const name = basename(path);
    const at = name.lastIndexOf(".");
    return at <= 0 || name === ".." ? "" : name.slice(at);
}

export function parse(path) {
    const root = isAbsolute(path) ? "/" : "";
    const [at] = last(path);
    const [base, ext] = [basename(path), extname(path)];
    return { root, dir: at > 1 ? path.slice(0, at - 1) : root, base, ext, name: ext ? base.slice(0, -ext.length) : base };
}

export function format({ root = "", dir, base, name = "", ext = "" }) {
    const file = base || name + (ext === "" || ext.startsWith(".") ? ext : `.${ext}`);
    const folder = dir || root;
    return folder === "" ? file : folder === root ? folder + file : `${folder}/${file}`;
}

export const toNamespacedPath = (path) => path;

const path = { sep, delimiter, isAbsolute, normalize, join, resolve, relative, dirname, basename, extname, parse, format, toNamespacedPath };
path.posix = path;
export const posix = path;
export default path;
