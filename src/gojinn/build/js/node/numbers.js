// The methods of Buffer that read and write numbers, by DataView.

export const numbers = {};

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function checked(bytes, offset, size) {
    if (!Number.isInteger(offset) || offset < 0 || offset + size > bytes.length) {
        throw new RangeError(`the offset is ${String(offset)}, expected 0 to ${bytes.length - size}`);
    }
    return offset;
}

function fitting(value, least, most) {
    if (value < least || value > most) throw new RangeError(`the value is ${value}, expected ${least} to ${most}`);
    return value;
}

const KINDS = [
    ["Uint8", "UInt8", 1, 0, 255],
    ["Int8", "Int8", 1, -128, 127],
    ["Uint16", "UInt16", 2, 0, 65_535],
    ["Int16", "Int16", 2, -32_768, 32_767],
    ["Uint32", "UInt32", 4, 0, 2 ** 32 - 1],
    ["Int32", "Int32", 4, -(2 ** 31), 2 ** 31 - 1],
    ["BigUint64", "BigUInt64", 8, 0n, 2n ** 64n - 1n],
    ["BigInt64", "BigInt64", 8, -(2n ** 63n), 2n ** 63n - 1n],
    ["Float32", "Float", 4, -Infinity, Infinity],
    ["Float64", "Double", 8, -Infinity, Infinity],
];

function add(name, alias, value) {
    numbers[name] = value;
    if (alias !== name) numbers[alias] = value;
}

for (const [kind, word, size, least, most] of KINDS) {
    const alias = word.replace("UI", "Ui");
    for (const [ending, little] of size === 1 ? [["", true]] : [["LE", true], ["BE", false]]) {
        add(`read${word}${ending}`, `read${alias}${ending}`, function (offset = 0) {
            return viewOf(this)[`get${kind}`](checked(this, offset, size), little);
        });
        add(`write${word}${ending}`, `write${alias}${ending}`, function (value, offset = 0) {
            viewOf(this)[`set${kind}`](checked(this, offset, size), fitting(value, least, most), little);
            return offset + size;
        });
    }
}

function sized(size) {
    if (!Number.isInteger(size) || size < 1 || size > 6) throw new RangeError(`a number has ${size} bytes, expected 1 to 6`);
    return size;
}

// Numbers of 1 to 6 bytes.
for (const [ending, little] of [["LE", true], ["BE", false]]) {
    const order = (bytes) => (little ? bytes.reverse() : bytes);
    const read = (bytes, offset, size) => order([...bytes.subarray(checked(bytes, offset, sized(size)), offset + size)]).reduce((sum, byte) => sum * 256 + byte, 0);
    const write = (bytes, value, offset, size) => {
        checked(bytes, offset, sized(size));
        let left = value < 0 ? value + 256 ** size : value;
        const made = Array.from({ length: size }, () => {
            const byte = left % 256;
            left = Math.floor(left / 256);
            return byte;
        });
        bytes.set(little ? made : made.reverse(), offset);
        return offset + size;
    };
    add(`readUInt${ending}`, `readUint${ending}`, function (offset, size) {
        return read(this, offset, size);
    });
    add(`writeUInt${ending}`, `writeUint${ending}`, function (value, offset, size) {
        return write(this, fitting(value, 0, 256 ** size - 1), offset, size);
    });
    numbers[`readInt${ending}`] = function (offset, size) {
        const value = read(this, offset, size);
        return value >= 256 ** size / 2 ? value - 256 ** size : value;
    };
    numbers[`writeInt${ending}`] = function (value, offset, size) {
        return write(this, fitting(value, -(256 ** size) / 2, 256 ** size / 2 - 1), offset, size);
    };
}
