// Short reads of SQLite: connections that this library reads from, prepared statements, requests and answers.
//
// A statement runs on the guest's stack, where no Python may ever run. So its connection has handlers of ours,
// which ask Python only while that prepares a statement; and it is made by the old sqlite3_prepare, whose
// statements are never prepared anew by themselves: once the schema has changed they fail, and Python sees to
// it.

#include "reads.h"

#include "exported.h"
#include "json.h"

#include <stdlib.h>
#include <string.h>

#define SQLITE_DEFINE(name, place, result, parameters) result(*sqlite_##name) parameters;
SQLITE_FUNCTIONS(SQLITE_DEFINE)
#undef SQLITE_DEFINE

// Bytes of a request and of an answer; longer ones are Python's.
enum { LONGEST_REQUEST = 64 << 10, LONGEST_ANSWER = 64 << 10 };

// What Python's values take besides their content, for the bound on rows.
enum { VALUE_OVERHEAD = 57 };

typedef int judge(int action, const char *, const char *, const char *, const char *);

struct database {
    sqlite3 *db;
    judge *judge; // the authorizer while a statement is prepared
    int budget, credit; // calls of the progress handler that a statement may take, and has left
    statement *first;
};

struct statement {
    database *database; // NULL when the statement is gone
    sqlite3_stmt *compiled;
    statement *next, **link; // among its database's
    int parameters, columns;
    uint64_t most_rows, most_bytes;
    bool refused;                               // it has proved to be Python's
    uint8_t *texts;                             // these, one after another
    uint64_t head_size, tail_size, opening_size; // of the request before and after its parameters; of the answer
};

// SQLite calls this when it loads the library as an extension.
EXPORTED int sqlite3_gojinn_init(sqlite3 *db, char **error, void *const *table) {
    (void)db, (void)error;
#define SQLITE_TAKE(name, place, result, parameters) *(void **)&sqlite_##name = table[place];
    SQLITE_FUNCTIONS(SQLITE_TAKE)
#undef SQLITE_TAKE
    return SQLITE_OK;
}

// Databases, each a connection of its own

static int overdue(void *env) { return --((database *)env)->credit < 0; }

static int authorized(void *env, int action, const char *first, const char *second, const char *schema,
                      const char *trigger) {
    database *d = env;
    return d->judge ? d->judge(action, first, second, schema, trigger) : SQLITE_OK;
}

// `db` is nobody else's, and outlives this. A statement may take `budget` times `steps` instructions.
EXPORTED database *gojinn_reader(sqlite3 *db, int steps, int budget) {
    database *d = sqlite_step ? calloc(1, sizeof *d) : NULL;
    if (!d) return NULL;
    d->db = db;
    d->budget = budget;
    sqlite_progress_handler(db, steps, overdue, d);
    sqlite_set_authorizer(db, authorized, d);
    return d;
}

// Takes a statement from its database. What is left of it answers nothing.
static void detach(statement *s) {
    if (!s->database) return;
    sqlite_finalize(s->compiled);
    *s->link = s->next;
    if (s->next) s->next->link = s->link;
    s->database = NULL;
    s->compiled = NULL;
}

EXPORTED void gojinn_close_reader(database *d) {
    while (d->first) detach(d->first);
    sqlite_progress_handler(d->db, 0, NULL, NULL);
    sqlite_set_authorizer(d->db, NULL, NULL);
    free(d);
}

// Statements

EXPORTED void gojinn_forget(statement *s) {
    if (!s) return;
    detach(s);
    free(s->texts);
    free(s);
}

// NULL for what cannot be prepared, or writes.
EXPORTED statement *gojinn_prepare(database *d, const char *sql, judge *judge) {
    statement *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    d->credit = d->budget;
    d->judge = judge;
    int status = sqlite_prepare(d->db, sql, -1, &s->compiled, NULL);
    d->judge = NULL;
    if (status != SQLITE_OK || !s->compiled) {
        free(s);
        return NULL;
    }
    s->database = d;
    s->link = &d->first;
    s->next = d->first;
    if (s->next) s->next->link = &s->next;
    d->first = s;
    s->parameters = sqlite_bind_parameter_count(s->compiled);
    s->columns = sqlite_column_count(s->compiled);
    if (sqlite_stmt_readonly(s->compiled)) return s;
    gojinn_forget(s);
    return NULL;
}

// The name of a column, or the type that it declares; NULL where there is none.
EXPORTED const char *gojinn_column(statement *s, int number, int declared) {
    if (number >= s->columns) return NULL;
    return declared ? sqlite_column_decltype(s->compiled, number) : sqlite_column_name(s->compiled, number);
}

// Lessons

static bool known(const statement *s, const lesson *given) {
    return s->database && s->head_size == given->head_size && s->tail_size == given->tail_size &&
           memcmp(s->texts, given->head, s->head_size) == 0 &&
           memcmp(s->texts + s->head_size, given->tail, s->tail_size) == 0;
}

// The place for another statement: an unused one, or that of a statement that is gone; `count` at most.
static unsigned place(const lessons *l) {
    unsigned at = 0;
    while (at < l->count && l->statements[at]->database) at++;
    return at;
}

bool taught(const lessons *l, const lesson *given) {
    for (unsigned i = 0; i < l->count; i++)
        if (known(l->statements[i], given)) return true;
    return place(l) == MOST_STATEMENTS;
}

static bool keep_texts(statement *s, const lesson *given) {
    uint8_t *at = s->texts = malloc(given->head_size + given->tail_size + given->opening_size);
    if (!at) return false;
    memcpy(at, given->head, s->head_size = given->head_size);
    memcpy(at += s->head_size, given->tail, s->tail_size = given->tail_size);
    memcpy(at + s->tail_size, given->opening, s->opening_size = given->opening_size);
    return true;
}

bool learn(lessons *l, int64_t function, statement *s, const lesson *given) {
    if (given->op_size > LONGEST_OP || place(l) == MOST_STATEMENTS || !keep_texts(s, given)) return false;
    l->function = function;
    memcpy(l->op, given->op, l->op_size = given->op_size);
    l->family = given->family;
    s->most_rows = given->most_rows;
    s->most_bytes = given->most_bytes;
    unsigned at = place(l);
    if (at == l->count) l->count++;
    else gojinn_forget(l->statements[at]);
    l->statements[at] = s;
    return true;
}

void forget_all(lessons *l) {
    for (unsigned i = 0; i < l->count; i++) gojinn_forget(l->statements[i]);
}

// Parameters: the scalars of a JSON array, as far as they need no decoding

static const uint8_t *skip_space(const uint8_t *at, const uint8_t *end) {
    while (at < end && (*at == ' ' || *at == '\t' || *at == '\r' || *at == '\n')) at++;
    return at;
}

static const uint8_t *bind_text(sqlite3_stmt *compiled, int number, const uint8_t *at, const uint8_t *end) {
    const uint8_t *text = ++at;
    while (at < end && *at != '"') {
        if (*at < 0x20 || *at == '\\') return NULL;
        at++;
    }
    size_t size = (size_t)(at - text);
    if (at == end || !is_text(text, size)) return NULL;
    return sqlite_bind_text(compiled, number, (const char *)text, (int)size, NULL) == SQLITE_OK ? at + 1 : NULL;
}

static const uint8_t *bind_integer(sqlite3_stmt *compiled, int number, const uint8_t *at, const uint8_t *end) {
    enum { DIGITS = 18 }; // which surely fit; one more is no comma
    bool negative = *at == '-';
    const uint8_t *digits = at += negative;
    int64_t value = 0;
    while (at < end && *at >= '0' && *at <= '9' && at - digits < DIGITS) value = value * 10 + (*at++ - '0');
    bool plain = at > digits && (*digits != '0' || (at - digits == 1 && !negative));
    if (!plain) return NULL;
    return sqlite_bind_int64(compiled, number, negative ? -value : value) == SQLITE_OK ? at : NULL;
}

static const uint8_t *bind_word(sqlite3_stmt *compiled, int number, const uint8_t *at, const uint8_t *end) {
    size_t left = (size_t)(end - at);
    if (left >= 4 && memcmp(at, "null", 4) == 0)
        return sqlite_bind_null(compiled, number) == SQLITE_OK ? at + 4 : NULL;
    if (left >= 4 && memcmp(at, "true", 4) == 0)
        return sqlite_bind_int64(compiled, number, 1) == SQLITE_OK ? at + 4 : NULL;
    if (left >= 5 && memcmp(at, "false", 5) == 0)
        return sqlite_bind_int64(compiled, number, 0) == SQLITE_OK ? at + 5 : NULL;
    return NULL;
}

static bool bind_all(const statement *s, const uint8_t *at, const uint8_t *end) {
    int number = 0;
    at = skip_space(at, end);
    while (at < end) {
        if (++number > s->parameters) return false;
        if (*at == '"') at = bind_text(s->compiled, number, at, end);
        else if (*at == '-' || (*at >= '0' && *at <= '9')) at = bind_integer(s->compiled, number, at, end);
        else at = bind_word(s->compiled, number, at, end);
        if (!at) return false;
        at = skip_space(at, end);
        if (at == end) break;
        if (*at != ',') return false;
        at = skip_space(at + 1, end);
        if (at == end) return false;
    }
    return number == s->parameters;
}

// Rows

static bool write_value(const statement *s, int number, buffer *b, uint64_t *memory) {
    *memory += VALUE_OVERHEAD;
    switch (sqlite_column_type(s->compiled, number)) {
    case SQLITE_INTEGER: return json_integer(b, sqlite_column_int64(s->compiled, number));
    case SQLITE_FLOAT: return json_real(b, sqlite_column_double(s->compiled, number));
    case SQLITE_NULL: return buffer_append(b, "null", 4);
    case SQLITE_TEXT: break;
    default: return false;
    }
    const uint8_t *text = sqlite_column_text(s->compiled, number);
    size_t size = (size_t)sqlite_column_bytes(s->compiled, number);
    *memory += 4 * size; // as many as a character takes at most
    return text && json_text(b, text, size);
}

static bool write_row(const statement *s, buffer *b, uint64_t *memory) {
    for (int i = 0; i < s->columns; i++)
        if (!buffer_append(b, i ? "," : "[", 1) || !write_value(s, i, b, memory)) return false;
    return buffer_append(b, "]", 1);
}

// False when the rows are Python's to fetch.
static bool write_rows(const statement *s, buffer *b, int *status) {
    uint64_t rows = 0, memory = 0;
    while ((*status = sqlite_step(s->compiled)) == SQLITE_ROW) {
        if (rows++ && !buffer_append(b, ",", 1)) return false;
        if (!write_row(s, b, &memory)) return false;
        if (rows > s->most_rows || memory > s->most_bytes || b->size > LONGEST_ANSWER) return false;
    }
    return *status == SQLITE_DONE && buffer_append(b, "]}", 2);
}

// Answers

static bool run(statement *s, const uint8_t *at, const uint8_t *end, buffer *answer) {
    int status = SQLITE_OK;
    bool bound = bind_all(s, at, end);
    s->database->credit = s->database->budget;
    bool done = bound && buffer_append(answer, s->texts + s->head_size + s->tail_size, s->opening_size) &&
                write_rows(s, answer, &status);
    int failure = sqlite_reset(s->compiled);
    sqlite_clear_bindings(s->compiled); // some are in the guest's memory
    if (done || !bound || failure == SQLITE_BUSY) return done;
    if (failure == SQLITE_OK || failure == SQLITE_INTERRUPT) s->refused = true;
    else detach(s);
    return false;
}

bool answer_read(lessons *l, const uint8_t *request, uint64_t size, buffer *answer) {
    answer->size = 0;
    if (size > LONGEST_REQUEST) return false;
    for (unsigned i = 0; i < l->count; i++) {
        statement *s = l->statements[i];
        if (!s->database || size < s->head_size + s->tail_size) continue;
        const uint8_t *at = request + s->head_size, *end = request + size - s->tail_size;
        bool same = memcmp(request, s->texts, s->head_size) == 0 &&
                    memcmp(end, s->texts + s->head_size, s->tail_size) == 0;
        if (same) return !s->refused && run(s, at, end, answer);
    }
    return false;
}
