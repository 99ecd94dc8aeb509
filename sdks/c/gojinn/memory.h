/* Bytes, and buffers that grow. Nothing is ever freed: a sandbox lives for one request. */

#ifndef GOJINN_MEMORY_H
#define GOJINN_MEMORY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Some bytes. Behind those that this SDK makes there is a NUL, so text can be used as such. */
typedef struct {
    const char *data;
    size_t size;
} gojinn_bytes;

/* Bytes that become more. */
typedef struct {
    char *data;
    size_t size, room;
} gojinn_buffer;

/* Makes bytes of a text, without its NUL; none of NULL. */
static inline gojinn_bytes gojinn_of(const char *text) {
    gojinn_bytes bytes = {text, text ? strlen(text) : 0};
    return bytes;
}

#define GOJINN_ROOM 32768u
#define GOJINN_HEAD 16u

/* What most functions need is here: malloc makes the memory of the sandbox grow, which takes longer than many a
 * function. Each block has its size in the head before it. */
static char gojinn_room[GOJINN_ROOM] __attribute__((aligned(16)));
static size_t gojinn_used;

static inline size_t *gojinn_size_of(void *block) {
    return (size_t *)(void *)((char *)block - GOJINN_HEAD);
}

/* Takes a block from the room, with what was in the old one; NULL when it does not fit. */
static inline void *gojinn_from_room(char *old, size_t size) {
    if (size > GOJINN_ROOM) return NULL;
    size_t rounded = (size + 15) & ~(size_t)15, held = old ? *gojinn_size_of(old) : 0;
    if (old && old + held == gojinn_room + gojinn_used) gojinn_used -= held + GOJINN_HEAD; /* the last one */
    if (gojinn_used + GOJINN_HEAD + rounded > GOJINN_ROOM) return NULL;
    char *block = gojinn_room + gojinn_used + GOJINN_HEAD;
    gojinn_used += GOJINN_HEAD + rounded;
    *gojinn_size_of(block) = rounded;
    if (old && block != old) memcpy(block, old, held < rounded ? held : rounded);
    return block;
}

/* Gets memory, or ends the function: there is nothing that it could do without. */
static inline void *gojinn_resize(void *old, size_t size) {
    char *block = (char *)old;
    int inside = block >= gojinn_room && block < gojinn_room + GOJINN_ROOM;
    size_t held = inside ? *gojinn_size_of(block) : 0;
    void *memory = !old || inside ? gojinn_from_room(block, size) : NULL;
    if (memory) return memory;
    memory = realloc(inside ? NULL : old, size);
    if (!memory) {
        static const char said[] = "out of memory\n";
        (void)!write(2, said, sizeof said - 1);
        abort();
    }
    return held ? memcpy(memory, old, held < size ? held : size) : memory;
}

/* Makes room for `more` bytes and a NUL. */
static inline char *gojinn_reserve(gojinn_buffer *buffer, size_t more) {
    size_t wanted = buffer->size + more + 1;
    if (wanted > buffer->room) {
        size_t room = buffer->room * 2 > wanted ? buffer->room * 2 : wanted;
        buffer->data = (char *)gojinn_resize(buffer->data, room);
        buffer->room = room;
    }
    return buffer->data + buffer->size;
}

/* Adds bytes, and a NUL that does not count. */
static inline void gojinn_add(gojinn_buffer *buffer, const char *data, size_t size) {
    char *end = gojinn_reserve(buffer, size);
    if (size) memcpy(end, data, size);
    buffer->size += size;
    buffer->data[buffer->size] = '\0';
}

/* Joins two texts. */
static inline gojinn_bytes gojinn_joined(const char *one, const char *two) {
    gojinn_buffer both = {NULL, 0, 0};
    gojinn_add(&both, one, strlen(one));
    gojinn_add(&both, two, strlen(two));
    gojinn_bytes bytes = {both.data, both.size};
    return bytes;
}

/* Takes what a buffer holds. */
static inline gojinn_bytes gojinn_taken(const gojinn_buffer *buffer) {
    gojinn_bytes bytes = {buffer->data ? buffer->data : "", buffer->size};
    return bytes;
}

#endif
