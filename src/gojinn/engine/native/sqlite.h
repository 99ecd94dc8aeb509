// The functions of SQLite that this library calls: those of the copy that Python's apsw has inside. SQLite hands
// a table of them to each extension that it loads (sqlite3ext.h); places in it are never taken away.

#ifndef GOJINN_SQLITE_H
#define GOJINN_SQLITE_H

#include <stdint.h>

typedef struct sqlite3 sqlite3;
typedef struct sqlite3_stmt sqlite3_stmt;

enum { SQLITE_OK = 0, SQLITE_BUSY = 5, SQLITE_INTERRUPT = 9, SQLITE_ROW = 100, SQLITE_DONE = 101 };
enum { SQLITE_INTEGER = 1, SQLITE_FLOAT, SQLITE_TEXT, SQLITE_BLOB, SQLITE_NULL };

typedef int sqlite_authorizer(void *, int, const char *, const char *, const char *, const char *);

// Name, place in the table, result, parameters.
#define SQLITE_FUNCTIONS(F)                                                                       \
    F(bind_int64, 5, int, (sqlite3_stmt *, int, int64_t))                                         \
    F(bind_null, 6, int, (sqlite3_stmt *, int))                                                   \
    F(bind_parameter_count, 7, int, (sqlite3_stmt *))                                             \
    F(bind_text, 10, int, (sqlite3_stmt *, int, const char *, int, void (*)(void *)))             \
    F(column_bytes, 20, int, (sqlite3_stmt *, int))                                               \
    F(column_count, 22, int, (sqlite3_stmt *))                                                    \
    F(column_decltype, 25, const char *, (sqlite3_stmt *, int))                                   \
    F(column_double, 27, double, (sqlite3_stmt *, int))                                           \
    F(column_int64, 29, int64_t, (sqlite3_stmt *, int))                                           \
    F(column_name, 30, const char *, (sqlite3_stmt *, int))                                       \
    F(column_text, 36, const unsigned char *, (sqlite3_stmt *, int))                              \
    F(column_type, 38, int, (sqlite3_stmt *, int))                                                \
    F(finalize, 57, int, (sqlite3_stmt *))                                                        \
    F(prepare, 72, int, (sqlite3 *, const char *, int, sqlite3_stmt **, const char **))           \
    F(progress_handler, 75, void, (sqlite3 *, int, int (*)(void *), void *))                      \
    F(reset, 77, int, (sqlite3_stmt *))                                                           \
    F(set_authorizer, 91, int, (sqlite3 *, sqlite_authorizer *, void *))                          \
    F(step, 94, int, (sqlite3_stmt *))                                                            \
    F(clear_bindings, 118, int, (sqlite3_stmt *))                                                 \
    F(stmt_readonly, 185, int, (sqlite3_stmt *))

#define SQLITE_DECLARE(name, place, result, parameters) extern result(*sqlite_##name) parameters;
SQLITE_FUNCTIONS(SQLITE_DECLARE)
#undef SQLITE_DECLARE

#endif
