/* The part of scrypt that takes time and memory: scryptROMix of RFC 7914. The rest of it is in Python. */
#include "host.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { WORDS = 16 }; /* of 32 bits in a block of Salsa20 */

static uint32_t turned(uint32_t word, int by) { return word << by | word >> (32 - by); }

static void quarter(uint32_t *a, uint32_t *b, uint32_t *c, uint32_t *d) {
    *b ^= turned(*a + *d, 7);
    *c ^= turned(*b + *a, 9);
    *d ^= turned(*c + *b, 13);
    *a ^= turned(*d + *c, 18);
}

/* Salsa20/8, section 3: four times its columns, then its rows. */
static void salsa(uint32_t block[WORDS]) {
    uint32_t x[WORDS];
    memcpy(x, block, sizeof x);
    for (int round = 0; round < 4; round++) {
        quarter(x + 0, x + 4, x + 8, x + 12);
        quarter(x + 5, x + 9, x + 13, x + 1);
        quarter(x + 10, x + 14, x + 2, x + 6);
        quarter(x + 15, x + 3, x + 7, x + 11);
        quarter(x + 0, x + 1, x + 2, x + 3);
        quarter(x + 5, x + 6, x + 7, x + 4);
        quarter(x + 10, x + 11, x + 8, x + 9);
        quarter(x + 15, x + 12, x + 13, x + 14);
    }
    for (int each = 0; each < WORDS; each++) block[each] += x[each];
}

static void add(uint32_t *to, const uint32_t *from, size_t count) {
    for (size_t each = 0; each < count; each++) to[each] ^= from[each];
}

/* scryptBlockMix, section 4: the even blocks of what comes out go before the odd ones. */
static void mix(const uint32_t *in, uint32_t *out, size_t r) {
    uint32_t x[WORDS];
    memcpy(x, in + (2 * r - 1) * WORDS, sizeof x);
    for (size_t each = 0; each < 2 * r; each++) {
        add(x, in + each * WORDS, WORDS);
        salsa(x);
        memcpy(out + (each / 2 + (each % 2) * r) * WORDS, x, sizeof x);
    }
}

/* Section 5. N is a power of two; the words are little-endian, as those of WebAssembly are. */
static void romix(uint32_t *block, uint32_t *kept, size_t n, size_t r) {
    size_t words = 2 * r * WORDS;
    uint32_t *mixed = kept + n * words;
    for (size_t each = 0; each < n; each++) {
        memcpy(kept + each * words, block, words * sizeof *block);
        mix(kept + each * words, block, r);
    }
    for (size_t each = 0; each < n; each++) {
        size_t chosen = block[words - WORDS] & (n - 1);
        add(block, kept + chosen * words, words);
        mix(block, mixed, r);
        memcpy(block, mixed, words * sizeof *block);
    }
}

PyObject *py_romix(PyObject *self, PyObject *arguments) {
    Py_buffer given;
    Py_ssize_t n, r;
    if (!PyArg_ParseTuple(arguments, "y*nn", &given, &n, &r)) return NULL;
    PyObject *mixed = NULL;
    uint32_t *kept = NULL;
    if (n < 2 || n & (n - 1) || r < 1 || r > 1 << 16 || given.len != 128 * r)
        PyErr_SetString(PyExc_ValueError, "n is no power of two, or the block has not 128 * r bytes");
    else if (n > (1 << 24) / r || !(kept = malloc((size_t)(n + 1) * (size_t)given.len)))
        PyErr_NoMemory();
    else if ((mixed = PyBytes_FromStringAndSize(given.buf, given.len)))
        romix((uint32_t *)PyBytes_AS_STRING(mixed), kept, (size_t)n, (size_t)r);
    free(kept);
    PyBuffer_Release(&given);
    return mixed;
}
