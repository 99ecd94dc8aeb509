// The system that the interpreter finds: one process without files, one thread, a clock, random numbers, memory.
// What emscripten's glue in JavaScript did for it; numbers of errors are musl's, negative.
#include "host.h"

enum { ENOENT = 44, EBADF = 8, ENOMEM = 48, ENOSYS = 52 };
enum { RANDOM = 100 };  // the descriptor of /dev/urandom

// Time

i64 now(i32 clock) {
    i64 nanoseconds = 0;
    wasi_clock(clock, 1, &nanoseconds);
    return nanoseconds;
}

u32 clock_reads;  // by the interpreter

static i32 clock_gettime(i32 clock, i32 *time) {
    i64 nanoseconds = now(clock == 1);
    clock_reads++;
    time[0] = nanoseconds / 1000000000;
    time[1] = nanoseconds % 1000000000;
    return 0;
}

PROVIDES(rb) i32 clock_gettime_(i32 clock, i32 *time) { return clock_gettime(clock, time); }
PROVIDES(Aa) i32 clock_gettime__(i32 clock, i32 *time) { return clock_gettime(clock, time); }
PROVIDES(Ba) i32 clock_getres(i32 clock, i32 *time) {
    time[0] = 0;
    time[1] = 1000;
    return 0;
}
PROVIDES(m) i32 gettimeofday(i32 *time, i32 zone) {
    clock_gettime(0, time);
    time[1] /= 1000;
    return 0;
}
PROVIDES(a) i32 time(i32 *place) {
    i32 seconds = now(0) / 1000000000;
    if (place) *place = seconds;
    return seconds;
}

// The zone is UTC. Days to dates as in "chrono-Compatible Low-Level Date Algorithms" by Howard Hinnant.
static i32 *utc(const i32 *seconds, i32 *fields) {
    i32 days = *seconds / 86400, rest = *seconds % 86400;
    if (rest < 0) rest += 86400, days--;
    i32 shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    i32 day_of_era = shifted - era * 146097;
    i32 year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    i32 day = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100), month = (5 * day + 2) / 153;
    __builtin_memset(fields, 0, 44);
    fields[0] = rest % 60;
    fields[1] = rest / 60 % 60;
    fields[2] = rest / 3600;
    fields[3] = day - (153 * month + 2) / 5 + 1;
    fields[4] = month < 10 ? month + 2 : month - 10;
    fields[5] = year_of_era + era * 400 + (fields[4] <= 1) - 1900;
    fields[6] = ((days + 4) % 7 + 7) % 7;
    return fields;
}
PROVIDES(c) i32 *localtime_r(const i32 *seconds, i32 *fields) { return utc(seconds, fields); }
PROVIDES(ra) i32 *gmtime_r(const i32 *seconds, i32 *fields) { return utc(seconds, fields); }
PROVIDES(b) i32 strftime(char *text, u32 room, i32 format, i32 fields) {  // only the zone's name is asked for
    if (room < 4) return 0;
    __builtin_memcpy(text, "UTC", 4);
    return 3;
}

void sleep_for(i64 nanoseconds) {
    i64 subscription[6] = {0, 0, 0, nanoseconds}, event[4];
    *(i32 *)&subscription[2] = 1;  // the monotonic clock
    u32 happened;
    wasi_poll(subscription, event, 1, &happened);
}
PROVIDES(y) i32 nanosleep(const i32 *time, i32 *left) {
    sleep_for((i64)time[0] * 1000000000 + time[1]);
    return 0;
}

// Memory

PROVIDES(ya) void *memcpy_big(void *to, const void *from, u32 size) { return __builtin_memcpy(to, from, size); }
PROVIDES(o) i32 resize_heap(u32 wanted) {
    u32 have = __builtin_wasm_memory_size(0) << 16;
    if (wanted <= have) return 1;
    u32 pages = (wanted - have + 65535) >> 16, more = have >> 19;  // an eighth, so that it is asked for seldom
    return __builtin_wasm_memory_grow(0, pages + more) != (u32)-1 || __builtin_wasm_memory_grow(0, pages) != (u32)-1;
}

enum { MAPS = 1024, MAP_ANONYMOUS = 32 };
static struct { void *at; u32 size; } map[MAPS];

PROVIDES(cb) i32 mmap(i32 at, u32 size, i32 protection, i32 flags, i32 fd, i32 offset) {
    if (!(flags & MAP_ANONYMOUS)) return -EBADF;
    void *found = image_memalign(16384, size);
    if (!found) return -ENOMEM;
    __builtin_memset(found, 0, size);
    for (i32 i = 0; i < MAPS; i++) {
        if (map[i].at) continue;
        map[i].at = found;
        map[i].size = size;
        break;
    }
    return (i32)found;
}
PROVIDES(Ja) i32 munmap(void *at, u32 size) {
    for (i32 i = 0; i < MAPS; i++) {
        if (map[i].at != at || map[i].size != size) continue;
        image_free(at);
        map[i].at = NULL;
        break;
    }
    return 0;
}

// Pieces of JavaScript that the interpreter was compiled with, by their addresses: where its own stack is, and where
// JavaScript's is when it gives up.
PROVIDES(t) i32 asm_const(i32 code, i32 types, i32 arguments) {
    if (code == 568392) return STACK_END;
    if (code == 568414) return STACK_SIZE;
    if (code == 642787) return 0;
    give_up("the interpreter runs JavaScript that the adapter does not know");
}

// Descriptors: lines to 1 and 2 go to the log.

static Buffer line;

// What begins a stream of C# is a byte order mark, at times two.
static void log_line(i32 level) {
    u8 *at = line.at;
    u32 size = line.size;
    line.size = 0;
    for (; size >= 3 && at[0] == 0xef && at[1] == 0xbb && at[2] == 0xbf; size -= 3) at += 3;
    if (size) host_log(level, at, size);
}

PROVIDES(D) i32 fd_write(i32 fd, const iovec *parts, i32 count, u32 *put) {
    *put = 0;
    for (i32 i = 0; i < count; i++) {
        const u8 *bytes = parts[i].at;
        *put += parts[i].size;
        for (u32 at = 0; at < parts[i].size; at++) {
            if (bytes[at] == '\n') log_line(fd == 1 ? INFO : WARN);
            else append(&line, bytes + at, 1);
        }
    }
    return 0;
}
static i32 read_random(const iovec *parts, i32 count, u32 *got) {
    *got = 0;
    for (i32 i = 0; i < count; i++) {
        wasi_random(parts[i].at, parts[i].size);
        *got += parts[i].size;
    }
    return 0;
}
PROVIDES(Da) i32 fd_read(i32 fd, const iovec *parts, i32 count, u32 *got) {
    *got = 0;
    return fd == RANDOM ? read_random(parts, count, got) : 0;
}
PROVIDES(Wa) i32 read(i32 fd, void *at, u32 size) {
    iovec part = {at, size};
    u32 got = 0;
    return fd == RANDOM ? (read_random(&part, 1, &got), (i32)got) : 0;
}
PROVIDES(J) i32 open(const char *path, i32 flags, i32 more) {
    static const char URANDOM[] = "/dev/urandom", ANY[] = "/dev/random";
    const char *names[] = {URANDOM, ANY};
    for (i32 i = 0; i < 2; i++) {
        u32 at = 0;
        while (names[i][at] && names[i][at] == path[at]) at++;
        if (!names[i][at] && !path[at]) return RANDOM;
    }
    return -ENOENT;
}
PROVIDES(u) i32 fd_close(i32 fd) { return 0; }
PROVIDES($a) i32 fstat64(i32 fd, u8 *status) {
    enum { MODE = 12, CHARACTER_DEVICE = 0020666 };
    if (fd > 2 && fd != RANDOM) return -EBADF;
    __builtin_memset(status, 0, 88);
    *(i32 *)(status + MODE) = CHARACTER_DEVICE;
    return 0;
}
PROVIDES(k) i32 fcntl64(i32 fd, i32 command, i32 more) { return command == 3 ? 2 : 0; }  // F_GETFL: O_RDWR
PROVIDES(H) i32 fd_fdstat_get(i32 fd, u8 *status) {
    __builtin_memset(status, 0, 24);
    status[0] = 2;  // a character device
    return 0;
}
PROVIDES(pa) i32 fd_seek(i32 fd, i32 low, i32 high, i32 whence, i32 place) { return 70; }  // ESPIPE
PROVIDES(Ca) i32 fd_sync(i32 fd) { return 0; }

// The process

PROVIDES(db) i32 getcwd(char *path, u32 room) {
    path[0] = '/';
    path[1] = 0;
    return 2;
}
PROVIDES(hb) i32 uname(char *names) {
    __builtin_memset(names, 0, 390);
    return 0;
}
PROVIDES(d) i32 getpid(void) { return 42; }
PROVIDES(v) i32 geteuid32(void) { return 0; }
PROVIDES(K) i32 getegid32(void) { return 0; }
PROVIDES(L) i32 getuid32(void) { return 0; }
PROVIDES(l) i32 sysconf(i32 name) {
    enum { PAGESIZE = 30, PHYSICAL_PAGES = 85, CONFIGURED = 83, ONLINE = 84 };
    return name == PAGESIZE ? 16384 : name == PHYSICAL_PAGES ? 131068 : name == ONLINE || name == CONFIGURED ? 1 : -1;
}
PROVIDES(Fa) i32 environ_get(void *entries, void *bytes) { return wasi_environ(entries, bytes); }
PROVIDES(Ea) i32 environ_sizes_get(void *count, void *bytes) { return wasi_environ_sizes(count, bytes); }
PROVIDES(f) void exit(i32 code) {
    give_up("the interpreter ended: for the exception before this, or for want of memory, see 'memory_limit' in the Caddyfile");
}
PROVIDES(j) void abort_(void) {
    give_up("the interpreter gave up: at 'Environment.FailFast', or for want of memory");
}
PROVIDES(e) void assert_fail(const char *condition, i32 file, i32 row, i32 function) { give_up(condition); }

// One thread, which nobody interrupts.

PROVIDES(g) void pthread_cleanup_push(i32 routine, i32 argument) {}
PROVIDES(h) void pthread_cleanup_pop(i32 run) {}
PROVIDES(p) i32 pthread_setcancelstate(i32 state, i32 old) { return 0; }
PROVIDES(q) i32 sem_post(i32 semaphore) { return 0; }
PROVIDES(r) i32 sem_init(i32 semaphore, i32 shared, i32 value) { return 0; }
PROVIDES(s) i32 sem_destroy(i32 semaphore) { return 0; }
PROVIDES(A) i32 sem_wait(i32 semaphore) { return 0; }
PROVIDES(G) i32 sem_trywait(i32 semaphore) { return 0; }
PROVIDES(w) i32 sigemptyset(i32 set) { return 0; }
PROVIDES(x) i32 sigaction(i32 signal, i32 action, i32 old) { return 0; }
