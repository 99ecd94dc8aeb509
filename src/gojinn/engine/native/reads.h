// Short reads of SQLite, answered on the guest's own stack. Python teaches a program which requests those are.

#ifndef GOJINN_READS_H
#define GOJINN_READS_H

#include "buffer.h"
#include "sqlite.h"

typedef struct database database;
typedef struct statement statement;

enum { MOST_STATEMENTS = 64, LONGEST_OP = 32 };

// What a program was taught: requests to one operation of one host function.
typedef struct {
    int64_t function;
    char op[LONGEST_OP];
    uint64_t op_size;
    uint64_t family; // bytes of its capability's word and the dot
    unsigned count;  // places that were ever used
    statement *statements[MOST_STATEMENTS];
} lessons;

// Appends the answer to a request; false, and nothing is worth anything then, for one that is not known or
// that Python has to see to.
bool answer_read(lessons *, const uint8_t *request, uint64_t size, buffer *answer);

// What a statement answers. Texts are copied.
typedef struct {
    const char *op;
    uint64_t op_size, family;
    const uint8_t *head, *tail; // the request before and after its parameters
    uint64_t head_size, tail_size;
    const uint8_t *opening; // the answer before its rows
    uint64_t opening_size;
    uint64_t most_rows, most_bytes;
} lesson;

// Whether there is nothing to learn: it is known, or there is no place for it.
bool taught(const lessons *, const lesson *);

// Takes ownership of the statement when it is learned.
bool learn(lessons *, int64_t function, statement *, const lesson *);

void forget_all(lessons *);

#endif
