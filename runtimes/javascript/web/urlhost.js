// The host of a URL: names, IPv4 and IPv6 addresses. https://url.spec.whatwg.org/#host-parsing
import { encode } from "gojinn:encoding";
import * as host from "gojinn:host";

const FORBIDDEN = /[\u0000\t\n\r #/:<>?@[\\\]^|]/;
const FORBIDDEN_DOMAIN = /[\u0000-\u0020"#%/:<>?@[\\\]^`{|}\u007f]/;

// The host as it is written in a URL; null for one that is not valid.
export function hostOf(text, special) {
    if (text.startsWith("[")) {
        const address = text.endsWith("]") ? ipv6(text.slice(1, -1)) : null;
        return address === null ? null : `[${address}]`;
    }
    if (!special) {
        if (FORBIDDEN.test(text)) return null;
        return text.replace(/[\u0000-\u001f\u007f-\u{10ffff}]/gu, (each) => encodeURIComponent(each));
    }
    const name = ascii(unescaped(text));
    if (name === null || FORBIDDEN_DOMAIN.test(name)) return null;
    return /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(name) ? ipv4(name) : name;
}

function unescaped(text) {
    if (!text.includes("%")) return text;
    const bytes = text.replace(/%([0-9a-f]{2})/gi, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
    return host.decode(Uint8Array.from(bytes, (each) => each.charCodeAt(0) & 0xff), false);
}

// A domain in ASCII: lower case, other letters as Punycode. Full tables of IDNA (UTS 46) are not here.
function ascii(name) {
    const labels = name.normalize("NFKC").toLowerCase().replace(/[\u3002\uff0e\uff61]/g, ".").split(".");
    const made = labels.map((label) => (/^[\u0000-\u007f]*$/.test(label) ? label : punycode(label)));
    return made.includes(null) ? null : made.join(".");
}

// RFC 3492.
function punycode(label) {
    const points = Array.from(label, (each) => each.codePointAt(0));
    const basic = points.filter((point) => point < 128);
    let out = String.fromCharCode(...basic) + (basic.length ? "-" : "");
    let n = 128;
    let delta = 0;
    let bias = 72;
    for (let handled = basic.length; handled < points.length; delta++, n++) {
        const next = Math.min(...points.filter((point) => point >= n));
        delta += (next - n) * (handled + 1);
        if (delta > 2 ** 31) return null;
        n = next;
        for (const point of points) {
            if (point < n) delta++;
            if (point !== n) continue;
            let q = delta;
            for (let k = 36; ; k += 36) {
                const t = Math.min(Math.max(k - bias, 1), 26);
                if (q < t) break;
                out += digit(t + ((q - t) % (36 - t)));
                q = Math.floor((q - t) / (36 - t));
            }
            out += digit(q);
            let change = Math.floor(delta / (handled === basic.length ? 700 : 2));
            change += Math.floor(change / (handled + 1));
            let k = 0;
            for (; change > 455; k += 36) change = Math.floor(change / 35);
            bias = k + Math.floor((36 * change) / (change + 38));
            delta = 0;
            handled++;
        }
    }
    return `xn--${out}`;
}

function digit(value) {
    return String.fromCharCode(value < 26 ? value + 97 : value + 22);
}

function ipv4(name) {
    const parts = name.replace(/\.$/, "").split(".");
    if (parts.length > 4) return null;
    const numbers = parts.map((part) => {
        if (/^0x[0-9a-f]*$/i.test(part)) return part.length === 2 ? 0 : parseInt(part, 16);
        if (/^0[0-7]*$/.test(part)) return parseInt(part, 8);
        return /^[1-9]\d*$/.test(part) ? Number(part) : NaN;
    });
    const last = numbers.pop();
    if (!(last < 256 ** (4 - numbers.length)) || numbers.some((each) => !(each <= 255))) return null;
    const value = numbers.reduce((sum, each, i) => sum + each * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}

function ipv6(text) {
    const tail = /^(.*:)(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
    let groups = text;
    if (tail) {
        const bytes = tail.slice(2).map(Number);
        if (bytes.some((byte) => byte > 255) || tail.slice(2).some((each) => /^0\d/.test(each))) return null;
        groups = `${tail[1]}${(bytes[0] * 256 + bytes[1]).toString(16)}:${(bytes[2] * 256 + bytes[3]).toString(16)}`;
    }
    const halves = groups.split("::");
    if (halves.length > 2) return null;
    const [before, after = []] = halves.map((half) => (half === "" ? [] : half.split(":")));
    const missing = 8 - before.length - after.length;
    if (halves.length === 2 ? missing < 1 : missing !== 0) return null;
    const all = [...before, ...new Array(Math.max(missing, 0)).fill("0"), ...after];
    if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return null;
    return compressed(all.map((group) => parseInt(group, 16)));
}

// The shortest form: the longest run of zeros, of two at least, is left out.
function compressed(groups) {
    let best = { at: -1, length: 1 };
    for (let at = 0; at < 8; at++) {
        let length = 0;
        while (groups[at + length] === 0) length++;
        if (length > best.length) best = { at, length };
    }
    const hex = groups.map((group) => group.toString(16));
    if (best.at < 0) return hex.join(":");
    return `${hex.slice(0, best.at).join(":")}::${hex.slice(best.at + best.length).join(":")}`;
}
