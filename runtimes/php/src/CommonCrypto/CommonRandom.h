/* Where PHP asks for randomness as on a Mac, the way that has one function for it: the host's, without files. */
#ifndef GOJINN_COMMONRANDOM_H
#define GOJINN_COMMONRANDOM_H

#include <stddef.h>

enum { kCCSuccess };

void gojinn_random(void *bytes, size_t length);

static inline int CCRandomGenerateBytes(void *bytes, size_t length) {
    gojinn_random(bytes, length);
    return kCCSuccess;
}

#endif
