/* Memory for PHP's allocator, which asks the system for chunks of 2 MiB at addresses that are multiples of that, and
   for more of them in a row. They come from the end of memory; malloc's lie between them. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

enum {
    SLOT = 2 << 20,    /* bytes: ZEND_MM_CHUNK_SIZE */
    SLOTS = 2048,      /* in 4 GiB */
    HEAD = 16 << 10,   /* bytes of a chunk that PHP takes for zeros: its first page */
    PAGE = 64 << 10,   /* bytes: WebAssembly's */
};

enum state { FOREIGN, FREE, START, MORE, SPARE };

static uint8_t slots[SLOTS];
static bool began;

/* Takes `count` slots for a block, of which `first` is the first one. */
static void take(int first, int count, enum state as) {
    for (int i = first; i < first + count; i++) slots[i] = i == first ? as : MORE;
}

/* Makes memory grow by slots that begin at `first`, or anywhere for -1; the first one, or -1 when there are none. */
static int grow(int first, int count) {
    uint64_t end = (uint64_t)__builtin_wasm_memory_size(0) * PAGE;
    int next = (int)((end + SLOT - 1) / SLOT);
    uint64_t wanted = (uint64_t)(next + count) * SLOT;
    if ((first >= 0 && (first != next || end % SLOT)) || next + count > SLOTS) return -1;
    if (__builtin_wasm_memory_grow(0, (size_t)((wanted - end) / PAGE)) == SIZE_MAX) return -1;
    memset(slots + next, FREE, (size_t)count);
    return next;
}

static int find(int count) {
    for (int i = 0, row = 0; i < SLOTS; i++) {
        row = slots[i] == FREE ? row + 1 : 0;
        if (row == count) return i - count + 1;
    }
    return grow(-1, count);
}

/* Makes a block longer whose end is at `wanted`, where what follows is free. */
static void *extend(uintptr_t wanted, size_t length) {
    int last = (int)((wanted - 1) / SLOT), needed = (int)((wanted + length - 1) / SLOT) - last;
    if (slots[last] != START && slots[last] != MORE) return MAP_FAILED;
    int free = 0;
    while (free < needed && slots[last + 1 + free] == FREE) free++;
    if (free < needed && grow(last + 1 + free, needed - free) < 0) return MAP_FAILED;
    for (int i = 1; i <= needed; i++) slots[last + i] = MORE;
    return (void *)wanted;
}

void *mmap(void *wanted, size_t length, int protection, int flags, int fd, off_t offset) {
    errno = ENOMEM;
    if (fd >= 0 || !length) return MAP_FAILED;
    if (wanted) return extend((uintptr_t)wanted, length);
    if (!began) {
        int spare = grow(-1, 1);
        if (spare >= 0) slots[spare] = SPARE;
        began = true;
    }
    int count = (int)((length + SLOT - 1) / SLOT), first = find(count);
    if (first < 0) {
        uint8_t *spare = memchr(slots, SPARE, sizeof slots);
        if (spare) *spare = FREE; /* so that PHP can tell of it */
        return MAP_FAILED;
    }
    take(first, count, START);
    void *block = (void *)((uintptr_t)first * SLOT);
    return memset(block, 0, length < HEAD ? length : HEAD);
}

/* Gives back a block, or the whole slots at its end. */
int munmap(void *block, size_t length) {
    int first = (int)(((uintptr_t)block + SLOT - 1) / SLOT);
    if (first < SLOTS && slots[first] == START && (uintptr_t)block % SLOT == 0) slots[first++] = FREE;
    for (int i = first; i < SLOTS && slots[i] == MORE; i++) slots[i] = FREE;
    return 0;
}

int mprotect(void *block, size_t length, int protection) { return 0; }
int madvise(void *block, size_t length, int advice) { return 0; }
int msync(void *block, size_t length, int flags) { return 0; }
