/* The database that the function's block names with db_driver. Parameters stand for `?`. */
#ifndef GOJINN_SQL_HPP
#define GOJINN_SQL_HPP

#include <gojinn/sql.h>
#include <vector>

#include "json.hpp"

namespace gojinn::sql {

using parameters = std::initializer_list<value>;

struct rows {
    std::vector<std::string_view> columns;
    json values; /* an array of arrays: rows.values[0][1] */
};

struct statement {
    std::string_view sql;
    value params = value::list({});

    value request() const { return {{"sql", sql}, {"params", value::raw(params.text())}}; }
};

namespace detail_ {
inline rows rows_of(const json &answer) {
    rows read{{}, answer["rows"]};
    for (json each : answer["columns"]) read.columns.push_back(each["name"].string().value_or(""));
    return read;
}
} // namespace detail_

/* Runs a statement and gives its rows. */
inline result<rows> query(const statement &asked) {
    return call("sql.query", asked.request()).transform(detail_::rows_of);
}

inline result<rows> query(std::string_view sql, parameters params = {}) {
    return query(statement{sql, value::list(params)});
}

/* Runs a statement whose rows are not wanted; how many rows it changed. */
inline result<long long> exec(const statement &asked) {
    return call("sql.exec", asked.request()).transform([](json answer) { return answer["changes"].integer().value_or(0); });
}

inline result<long long> exec(std::string_view sql, parameters params = {}) {
    return exec(statement{sql, value::list(params)});
}

/* Runs statements in one transaction, all or none; how many rows each changed. */
inline result<std::vector<long long>> batch(const std::vector<statement> &statements) {
    std::vector<value> asked;
    for (const statement &each : statements) asked.push_back(each.request());
    return call("sql.batch", {{"statements", value::list(asked)}}).transform([](json answer) {
        std::vector<long long> changes;
        for (json each : answer["results"]) changes.push_back(each["changes"].integer().value_or(0));
        return changes;
    });
}

/* Does something in a transaction: kept where it returns true, else undone. */
template <class Action> done transaction(Action action) {
    if (const gojinn_error *error = gojinn_sql_begin()) return detail::failed(error);
    return detail::done_of(action() ? gojinn_sql_commit() : gojinn_sql_rollback());
}

} // namespace gojinn::sql

#endif
