// What a process with threads does at the same time: here the one thread does it when it has nothing else to do, and
// does not start others. What takes the place of functions of the interpreter is in this file too.
#include "host.h"

// Work of the thread pool and timers: done after what has been called has returned, or while it waits.

enum { TIMERS = 64 };
static i32 scheduled, timers;
static struct { i64 due; i32 id; } timer[TIMERS];

PROVIDES(P) void schedule_background_exec(void) { scheduled = 1; }
PROVIDES(ka) void mono_set_timeout(i32 milliseconds, i32 id) {
    if (timers == TIMERS) give_up("more than 64 timers at once");
    timer[timers].due = now(1) + (i64)milliseconds * 1000000;
    timer[timers++].id = id;
}

static i32 next_timer(void) {
    i32 first = 0;
    for (i32 i = 1; i < timers; i++)
        if (timer[i].due < timer[first].due) first = i;
    return first;
}

// Does one thing that is to be done, whose time may have to come first; 0 where there is nothing.
static i32 work(void) {
    if (scheduled) {
        scheduled = 0;
        mono_background_exec();
        return 1;
    }
    if (!timers) return 0;
    i32 first = next_timer(), id = timer[first].id;
    i64 left = timer[first].due - now(1);
    if (left > 0) sleep_for(left);
    timer[first] = timer[--timers];
    mono_set_timeout_exec(id);
    return 1;
}

void pump(void) {
    while ((scheduled || !answered) && work()) {}
}

// Waits for another thread, a while: who calls it looks then whether what it waits for has happened. One who waits for
// so long at most reads the clock in between.
REPLACES(mono_w32handle_timedwait_signal_handle) void wait_for_others(void *handle, i32 *alerted) {
    static u32 reads = -1;
    if (alerted) *alerted = 0;
    if (work()) {
        reads = -1;
        return;
    }
    if (reads == clock_reads) give_up("the function waits for what can never happen: nothing else is left to be done");
    reads = clock_reads;
    sleep_for(1000000);
}

REPLACES(create_thread) i32 create_thread(i32 a, i32 b, i32 c, i32 d, i32 e, i32 f, void *error) {
    mono_error_set_not_supported(error, "no thread can be started here; 'Task.Run' runs in the one that there is", 0);
    return 0;
}

// A call that calls without end fills the interpreter's stack, which has data behind it. Now and then a call also needs
// more memory for its variables; that is when it is looked how much of the stack is left.
enum { STACK_RESERVE = 1 << 17, FRAGMENT = 4096 };

typedef struct Fragment { u8 *free, *end; struct Fragment *next; i32 unused; u8 content[]; } Fragment;
typedef struct { Fragment *first, *current; } Stack;
typedef struct { void *method; } Compiled;
typedef struct { void *caller; Compiled *compiled; } Frame;

static _Noreturn void give_up_too_deep(const Frame *newest) {
    Buffer why = {0};
    static const char SAYS[] = "the stack is full, is there an endless recursion? In ";
    append(&why, SAYS, sizeof SAYS - 1);
    const char *name = mono_method_full_name(newest->compiled->method, 1);
    append(&why, name, length_of(name) + 1);
    give_up((const char *)why.at);
}

REPLACES(add_frag) Fragment *add_fragment(Stack *stack, u32 size) {
    const u8 *top = image_stack_save();
    if (top < (const u8 *)STACK_END + STACK_RESERVE) give_up_too_deep((const Frame *)top);
    u32 room = size + 24 > FRAGMENT ? size + 24 : FRAGMENT;
    Fragment *made = image_malloc(room);
    if (!made) give_up("out of memory, see 'memory_limit' in the Caddyfile");
    *made = (Fragment){made->content, (u8 *)made + room, NULL, 0};
    stack->current->next = made;
    return stack->current = made;
}

