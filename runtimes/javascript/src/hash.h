/* SHA-1, SHA-256, SHA-384, SHA-512 (FIPS 180-4) and HMAC with them (RFC 2104). */
#ifndef GOJINN_HASH_H
#define GOJINN_HASH_H

#include <stddef.h>
#include <stdint.h>

enum { HASH_MAX = 64, HASH_MAX_BLOCK = 128 };

/* The digest's length in bytes for "SHA-1", "SHA-256", "SHA-384" or "SHA-512", 0 for any other name. */
size_t hash_length(const char *name);

/* Bytes of a block, which is what HMAC pads a key to. */
size_t hash_block(const char *name);

void hash_digest(const char *name, const uint8_t *data, size_t length, uint8_t *out);
void hash_hmac(const char *name, const uint8_t *key, size_t key_length, const uint8_t *data, size_t length,
               uint8_t *out);

#endif
