/* SQL: the database that the function's block names with db_driver. Every function returns NULL, or an error.
 *
 * Parameters are a JSON list by a format (format.h):
 *
 *     gojinn_rows rows;
 *     gojinn_sql_query(&rows, "select id, name from people where age > ?", "[%i]", 30LL);
 *     for (const char *row = json_first(rows.rows); row; row = json_next(row)) … json_item(row, 1) …
 *
 * What JSON has no form for is an object with one member, both ways: {"$blob": base64}, {"$integer": text},
 * {"$datetime": text}. */

#ifndef GOJINN_SQL_H
#define GOJINN_SQL_H

#include "host.h"

typedef struct {
    const char *columns; /* JSON: [{"name", "type"}] */
    const char *rows;    /* JSON: [[value…]…] */
} gojinn_rows;

static inline gojinn_bytes gojinn_sql_request(const char *sql, const char *params, va_list values) {
    gojinn_buffer request = {NULL, 0, 0};
    gojinn_format(&request, "{'sql':%s,'params':", sql);
    gojinn_vformat(&request, params, values);
    gojinn_format(&request, "}");
    return gojinn_taken(&request);
}

/* Runs a statement and gives its rows. */
static inline const gojinn_error *gojinn_sql_query(gojinn_rows *rows, const char *sql, const char *params, ...) {
    va_list values;
    va_start(values, params);
    gojinn_bytes request = gojinn_sql_request(sql, params, values);
    va_end(values);
    const char *answer;
    const gojinn_error *error = gojinn_call("sql.query", request, &answer);
    if (error) return error;
    rows->columns = json_find(answer, "columns");
    rows->rows = json_find(answer, "rows");
    return NULL;
}

/* Runs a statement whose rows are not wanted; *changes becomes how many rows it changed unless that is NULL. */
static inline const gojinn_error *gojinn_sql_exec(long long *changes, const char *sql, const char *params, ...) {
    va_list values;
    va_start(values, params);
    gojinn_bytes request = gojinn_sql_request(sql, params, values);
    va_end(values);
    const char *answer;
    const gojinn_error *error = gojinn_call("sql.exec", request, &answer);
    if (!error && changes) *changes = json_integer(json_find(answer, "changes"), 0);
    return error;
}

/* Runs statements in one transaction, all or none: a JSON list of {"sql", "params"}. *results is a JSON list of
 * {"columns", "rows", "changes", "last_id"}. */
static inline const gojinn_error *gojinn_sql_batch(const char *statements, const char **results) {
    const char *answer;
    const gojinn_error *error = gojinn_ask(&answer, "sql.batch", "{'statements':%j}", statements);
    if (!error && results) *results = json_find(answer, "results");
    return error;
}

/* Begins a transaction: every statement of the invocation is part of it until it ends. */
static inline const gojinn_error *gojinn_sql_begin(void) {
    return gojinn_ask(NULL, "sql.begin", "{}");
}

/* Ends the transaction for good. */
static inline const gojinn_error *gojinn_sql_commit(void) {
    return gojinn_ask(NULL, "sql.commit", "{}");
}

/* Undoes the transaction. */
static inline const gojinn_error *gojinn_sql_rollback(void) {
    return gojinn_ask(NULL, "sql.rollback", "{}");
}

/* Reads a value that may be any bytes; no data for what is neither text nor bytes. */
static inline gojinn_bytes gojinn_sql_bytes(const char *value) {
    const char *blob = json_find(value, "$blob");
    return blob ? json_base64(blob) : json_bytes(value);
}

#endif
