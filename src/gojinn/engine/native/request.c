// Reads requests: https://github.com/msgpack/msgpack/blob/master/spec.md, as far as they use it.

#include "request.h"

#include "fields.h"

enum { NIL = 0xc0, BIN8 = 0xc4, STR8 = 0xd9, ARRAY16 = 0xdc, MAP16 = 0xde };
enum { FIX_MAP = 0x80, FIX_ARRAY = 0x90, FIX_STR = 0xa0, FIX_STR_END = 0xc0 };

static bool number(reader *r, int bytes, size_t *to) {
    if (r->end - r->at < bytes) return false;
    *to = 0;
    while (bytes--) *to = *to << 8 | *r->at++;
    return true;
}

// A string or bytes; nil where there are none.
static bool text(reader *r, span *to) {
    size_t head, size;
    *to = (span){0};
    if (!number(r, 1, &head)) return false;
    if (head == NIL) return true;
    if (head >= BIN8 && head < BIN8 + 3) head += STR8 - BIN8;
    if (head >= FIX_STR && head < FIX_STR_END) size = head - FIX_STR;
    else if (head < STR8 || head >= STR8 + 3 || !number(r, 1 << (head - STR8), &size)) return false;
    if ((size_t)(r->end - r->at) < size) return false;
    *to = (span){r->at, size};
    r->at += size;
    return true;
}

// How many things follow in an array or map, which are `fixed` for few and `large` for many.
static bool count(reader *r, size_t fixed, size_t large, size_t *to) {
    size_t head;
    if (!number(r, 1, &head)) return false;
    *to = head & 0x0f;
    if ((head & 0xf0) == fixed) return true;
    return (head == large && number(r, 2, to)) || (head == large + 1 && number(r, 4, to));
}

bool request_read(request *q, const uint8_t *data, size_t size) {
    reader r = {data, data + size};
    size_t parts;
    if (!count(&r, FIX_ARRAY, ARRAY16, &parts) || parts != 5) return false;
    if (!text(&r, &q->method) || !text(&r, &q->target) || !text(&r, &q->authority) || !text(&r, &q->body))
        return false;
    q->fields = r;
    return true;
}

bool request_fields(const request *q, buffer *to) {
    reader r = q->fields;
    size_t names, values;
    if (!count(&r, FIX_MAP, MAP16, &names)) return false;
    while (names--) {
        span name, value;
        if (!text(&r, &name) || !count(&r, FIX_ARRAY, ARRAY16, &values)) return false;
        while (values--)
            if (!text(&r, &value) || !entry_add(to, name, value)) return false;
    }
    return true;
}
