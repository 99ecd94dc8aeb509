// What the run of a component adds to a call: the things that it holds handles to, its request and its answer.

#ifndef GOJINN_COMPONENT_H
#define GOJINN_COMPONENT_H

#include "guest.h"
#include "request.h"
#include "value.h"

// Types of things, numbered as in engine/components/resources.py.
typedef enum {
    NOTHING,
    STREAM_ERROR,
    POLLABLE,
    INPUT,
    OUTPUT_STREAM,
    TERMINAL_INPUT,
    TERMINAL_OUTPUT,
    NETWORK,
    FIELDS,
    REQUEST,
    OUTPARAM,
    INCOMING_BODY,
    TRAILERS,
    RESPONSE,
    OUTGOING_BODY,
    OUTGOING_REQUEST,
    REQUEST_OPTIONS,
    DESCRIPTOR,
    DIRECTORY_STREAM,
    FUTURE_RESPONSE,
    INCOMING_RESPONSE,
} kind;

// Where a stream's bytes go.
typedef enum { TO_ANSWER, TO_LOG } sink;

typedef struct {
    kind kind;
    bool python;               // Python has it, and serves what is about it (python.c)
    bool fixed;                // fields that cannot be changed
    bool used;                 // what can be had from it once has been had
    sink sink;                 // of an output stream; of a body, for its stream
    uint16_t status;           // of a response
    uint32_t body;             // of a response, its body and that one's stream: which body, counted from 1
    int64_t deadline;          // of a pollable, by the monotonic clock; 0 when it is always ready
    const uint8_t *data;       // what an input stream still has
    uint64_t left;             // how much; of a free place, the next one
    buffer fields;             // entries (fields.h) of fields, or a response
} thing;

// A pollable that is waited for.
typedef struct {
    int64_t deadline;
    uint64_t number; // of what Python has, otherwise 0
} pending;

struct exchange {
    thing *things; // a thing's number is its place here, counted from 1
    uint32_t capacity, reached, count, free;
    uint64_t field_bytes; // in all things

    wasmtime_component_instance instance;
    wasmtime_component_function function;
    value arguments[2], result;

    request request;
    bool told; // the handler has answered: with `status` and `fields`, or with the error `failure`
    uint16_t status;
    bool begun, finished; // the answer's body: dropped in between, it is not whole
    bool parted;          // some of the answer has been taken
    buffer fields, failure;
    uint32_t bodies, answered; // answers' bodies so far; the one that is sent
    buffer runs;               // whose the output is, until there is an answer (http.c)

    buffer dropped; // numbers of Python's things that the guest has dropped
    buffer asked;   // of the host call
    value *results; // of `poll`
    pending *pending; // what `poll` waits for
    size_t waiting;
};

// A function for components: fills in `to` and returns NULL, or returns what ends the guest.
typedef wasmtime_error *served_function(call *c, value *args, value *to);

typedef struct {
    const char *interface, *name;
    served_function *call;
} served;


// The operation of a guest that waits; all others are numbered by Python.
enum { WAIT };

#define UNUSED __attribute__((unused))
#define SERVED(name) static wasmtime_error *name(call *c UNUSED, value *args UNUSED, value *to UNUSED)

// The thing that argument `at` is a handle to; the function ends the guest when there is none. Each borrowed
// handle has to be looked at in this way, or wasmtime holds that it was kept.
#define HELD(name, at, kind)                \
    thing *name = held(c, &args[at], kind); \
    LIVE(name)
#define LIVE(found) \
    if (!(found)) return trap("a handle to what is gone")

extern const served FIELD_FUNCTIONS[], HTTP_FUNCTIONS[], STREAM_FUNCTIONS[], SYSTEM_FUNCTIONS[];
extern const served *const FUNCTIONS[]; // all of them

// Counts bytes of fields that the guest makes; false when it has too many.
bool fields_count(call *, size_t size);

wasmtime_error *trap(const char *text);

// False when the host has no memory left.
bool append_octets(buffer *, const value *bytes);

// Takes a thing in: its number, 0 when the guest has too many.
uint32_t add(call *, thing);

// The number of the thing that a handle is of, 0 when that is gone. A handle can be asked only once.
uint32_t number_of(call *, const value *handle);

// Gives a thing to the guest, in the given value or in the ok case of a result.
wasmtime_error *give(call *, thing, value *to);
wasmtime_error *give_ok(call *, thing, value *to);

thing *held(call *, const value *handle, kind);

// Takes a thing back into `taken`; false when there is none of that kind.
bool take(call *, const value *handle, kind, thing *taken);

// Frees what a thing has, and its place.
void release(call *, thing *);
void forget(exchange *, uint32_t number);

// Adds to the answer, or to the log, as an output stream does. Ends the guest past the answer's limit.
wasmtime_error *write_to(call *, const thing *stream, const value *bytes);
wasmtime_error *write_piece(call *, const thing *stream, const void *data, size_t size);
wasmtime_error *write_answer(call *, const void *data, size_t size);
wasmtime_error *write_body(call *, uint32_t body, const void *data, size_t size);

// Parks the guest until Python has served an operation. `failed` is where it says that there is no memory for it.
void park(call *, int64_t operation, value *args, size_t count, value *results, wasmtime_error **failed,
          wasmtime_continuation *);

// For calls that were served at once.
bool at_once(void *env);

// wasi:io/poll, and whatever Python serves. `env` is the operation.
typedef void parking_function(void *env, wasmtime_context *, const wasmtime_function_type *, value *args,
                              size_t count, value *results, size_t result_count, wasmtime_error **failed,
                              wasmtime_continuation *);
parking_function poll_list, poll_block;

// What a stream in memory has next, at most `wanted` bytes. False behind the last.
bool next(thing *stream, uint64_t wanted, const uint8_t **data, size_t *size);

int64_t monotonic(void);

// Runs of components, for `core.c`.
bool component_prepare(call *);
wasmtime_future *component_instantiate(call *);
bool component_enter(call *); // calls the function of the new instance; false when it is not there
ending component_end(call *);
const char *component_unanswered(const exchange *); // why a request has no answer; NULL when it has one
void component_drop(call *);  // before its store is
void component_free(exchange *);
void component_program_free(component *);

#endif
