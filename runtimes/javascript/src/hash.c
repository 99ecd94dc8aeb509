/* Hashes for crypto.subtle. A message comes in up to two parts, so that HMAC needs no copy of it. */
#include "hash.h"

#include <string.h>

struct part {
    const uint8_t *data;
    size_t length;
};

static const uint64_t K[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

/* The state words of all four; 32-bit hashes use the low halves. */
struct hash {
    const char *name;
    size_t length, block;
    uint64_t start[8];
};

static const struct hash HASHES[] = {
    {"SHA-1", 20, 64, {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0}},
    {"SHA-256",
     32,
     64,
     {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19}},
    {"SHA-384",
     48,
     128,
     {0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939, 0x67332667ffc00b31,
      0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4}},
    {"SHA-512",
     64,
     128,
     {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1, 0x510e527fade682d1,
      0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179}},
};

static const struct hash *find(const char *name) {
    for (size_t i = 0; i < sizeof HASHES / sizeof *HASHES; i++)
        if (!strcmp(HASHES[i].name, name)) return &HASHES[i];
    return NULL;
}

size_t hash_length(const char *name) {
    const struct hash *hash = find(name);
    return hash ? hash->length : 0;
}

size_t hash_block(const char *name) {
    const struct hash *hash = find(name);
    return hash ? hash->block : 0;
}

static uint32_t left(uint32_t x, int n) { return x << n | x >> (32 - n); }
static uint32_t right(uint32_t x, int n) { return x >> n | x << (32 - n); }
static uint64_t right64(uint64_t x, int n) { return x >> n | x << (64 - n); }

static uint64_t big_endian(const uint8_t *from, int bytes) {
    uint64_t value = 0;
    for (int i = 0; i < bytes; i++) value = value << 8 | from[i];
    return value;
}

static void step_sha1(uint64_t *state, const uint8_t *block) {
    uint32_t w[80], s[5];
    for (int i = 0; i < 16; i++) w[i] = (uint32_t)big_endian(block + 4 * i, 4);
    for (int i = 16; i < 80; i++) w[i] = left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (int i = 0; i < 5; i++) s[i] = (uint32_t)state[i];
    for (int i = 0; i < 80; i++) {
        uint32_t f, k;
        if (i < 20) f = (s[1] & s[2]) | (~s[1] & s[3]), k = 0x5a827999;
        else if (i < 40) f = s[1] ^ s[2] ^ s[3], k = 0x6ed9eba1;
        else if (i < 60) f = (s[1] & s[2]) | (s[1] & s[3]) | (s[2] & s[3]), k = 0x8f1bbcdc;
        else f = s[1] ^ s[2] ^ s[3], k = 0xca62c1d6;
        uint32_t next = left(s[0], 5) + f + s[4] + k + w[i];
        s[4] = s[3], s[3] = s[2], s[2] = left(s[1], 30), s[1] = s[0], s[0] = next;
    }
    for (int i = 0; i < 5; i++) state[i] = (uint32_t)state[i] + s[i];
}

static void step_256(uint64_t *state, const uint8_t *block) {
    uint32_t w[64], s[8];
    for (int i = 0; i < 16; i++) w[i] = (uint32_t)big_endian(block + 4 * i, 4);
    for (int i = 16; i < 64; i++) {
        uint32_t a = right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3;
        uint32_t b = right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    for (int i = 0; i < 8; i++) s[i] = (uint32_t)state[i];
    for (int i = 0; i < 64; i++) {
        uint32_t e = right(s[4], 6) ^ right(s[4], 11) ^ right(s[4], 25);
        uint32_t one = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + (uint32_t)(K[i] >> 32) + w[i];
        uint32_t a = right(s[0], 2) ^ right(s[0], 13) ^ right(s[0], 22);
        uint32_t two = a + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        s[7] = s[6], s[6] = s[5], s[5] = s[4], s[4] = s[3] + one;
        s[3] = s[2], s[2] = s[1], s[1] = s[0], s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) state[i] = (uint32_t)state[i] + s[i];
}

static void step_512(uint64_t *state, const uint8_t *block) {
    uint64_t w[80], s[8];
    for (int i = 0; i < 16; i++) w[i] = big_endian(block + 8 * i, 8);
    for (int i = 16; i < 80; i++) {
        uint64_t a = right64(w[i - 15], 1) ^ right64(w[i - 15], 8) ^ w[i - 15] >> 7;
        uint64_t b = right64(w[i - 2], 19) ^ right64(w[i - 2], 61) ^ w[i - 2] >> 6;
        w[i] = w[i - 16] + a + w[i - 7] + b;
    }
    memcpy(s, state, sizeof s);
    for (int i = 0; i < 80; i++) {
        uint64_t e = right64(s[4], 14) ^ right64(s[4], 18) ^ right64(s[4], 41);
        uint64_t one = s[7] + e + ((s[4] & s[5]) ^ (~s[4] & s[6])) + K[i] + w[i];
        uint64_t a = right64(s[0], 28) ^ right64(s[0], 34) ^ right64(s[0], 39);
        uint64_t two = a + ((s[0] & s[1]) ^ (s[0] & s[2]) ^ (s[1] & s[2]));
        s[7] = s[6], s[6] = s[5], s[5] = s[4], s[4] = s[3] + one;
        s[3] = s[2], s[2] = s[1], s[1] = s[0], s[0] = one + two;
    }
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

static void step(const struct hash *hash, uint64_t *state, const uint8_t *block) {
    if (hash->block == 128) step_512(state, block);
    else if (hash->length == 20) step_sha1(state, block);
    else step_256(state, block);
}

static void digest(const struct hash *hash, struct part first, struct part second, uint8_t *out) {
    uint64_t state[8];
    uint8_t block[HASH_MAX_BLOCK];
    size_t held = 0;
    memcpy(state, hash->start, sizeof state);
    for (int p = 0; p < 2; p++) {
        struct part part = p ? second : first;
        while (part.length) {
            size_t some = hash->block - held < part.length ? hash->block - held : part.length;
            memcpy(block + held, part.data, some);
            part.data += some, part.length -= some, held += some;
            if (held == hash->block) step(hash, state, block), held = 0;
        }
    }
    uint64_t bits = (uint64_t)(first.length + second.length) * 8;
    block[held++] = 0x80;
    if (held > hash->block - hash->block / 8) {
        memset(block + held, 0, hash->block - held);
        step(hash, state, block), held = 0;
    }
    memset(block + held, 0, hash->block - held);
    for (int i = 0; i < 8; i++) block[hash->block - 1 - i] = (uint8_t)(bits >> 8 * i);
    step(hash, state, block);
    size_t word = hash->block / 16;
    for (size_t i = 0; i < hash->length; i++) out[i] = (uint8_t)(state[i / word] >> 8 * (word - 1 - i % word));
}

void hash_digest(const char *name, const uint8_t *data, size_t length, uint8_t *out) {
    digest(find(name), (struct part){data, length}, (struct part){0}, out);
}

void hash_hmac(const char *name, const uint8_t *key, size_t key_length, const uint8_t *data, size_t length,
               uint8_t *out) {
    const struct hash *hash = find(name);
    uint8_t inner[HASH_MAX_BLOCK] = {0}, outer[HASH_MAX_BLOCK], inside[HASH_MAX];
    if (key_length > hash->block) digest(hash, (struct part){key, key_length}, (struct part){0}, inner);
    else memcpy(inner, key, key_length);
    for (size_t i = 0; i < hash->block; i++) outer[i] = inner[i] ^ 0x5c, inner[i] ^= 0x36;
    digest(hash, (struct part){inner, hash->block}, (struct part){data, length}, inside);
    digest(hash, (struct part){outer, hash->block}, (struct part){inside, hash->length}, out);
}
