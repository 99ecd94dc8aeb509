// Package sql asks the database that the function's block names with db_driver.
package sql

import "gojinn/host"

// Statement is SQL with its parameters.
type Statement struct {
	SQL    string `json:"sql"`
	Params []any  `json:"params,omitempty"`
}

// New makes a statement. Parameters may be nil, bool, numbers, string, []byte and time.Time.
func New(sql string, params ...any) Statement {
	given := make([]any, len(params))
	for at, param := range params {
		given[at] = tagged(param)
	}
	return Statement{sql, given}
}

// Rows are what a query found. Values are nil, bool, int64, float64, string, []byte, and string for dates and
// decimal numbers.
type Rows struct {
	Columns []string
	Rows    [][]any
}

// Query runs a statement and returns its rows.
func Query(sql string, params ...any) (*Rows, error) {
	var answer result
	if err := host.Call("sql.query", New(sql, params...), &answer); err != nil {
		return nil, err
	}
	return answer.rows(), nil
}

// Select runs a statement and reads its rows into the slice of structs that target points to, by the names of
// the columns as encoding/json does.
func Select(target any, sql string, params ...any) error {
	request := struct {
		Statement
		Objects bool `json:"objects"`
	}{New(sql, params...), true}
	answer := struct {
		Rows any `json:"rows"`
	}{target}
	return host.Call("sql.query", request, &answer)
}

// Done is what a statement changed.
type Done struct {
	Changes int64 `json:"changes"`
	// LastID is nil where the database does not tell it.
	LastID *int64 `json:"last_id"`
}

// Exec runs a statement whose rows are not wanted.
func Exec(sql string, params ...any) (Done, error) {
	var done Done
	err := host.Call("sql.exec", New(sql, params...), &done)
	return done, err
}

// Result is what one statement of a batch did.
type Result struct {
	Rows
	Done
}

// Batch runs statements in one transaction, all or none.
func Batch(statements ...Statement) ([]Result, error) {
	var answer struct {
		Results []struct {
			result
			Done
		} `json:"results"`
	}
	if err := host.Call("sql.batch", map[string]any{"statements": statements}, &answer); err != nil {
		return nil, err
	}
	results := make([]Result, len(answer.Results))
	for at := range answer.Results {
		results[at] = Result{*answer.Results[at].rows(), answer.Results[at].Done}
	}
	return results, nil
}

// Transaction runs work in a transaction: every statement of the invocation is part of it until work returns.
// With an error of work it is undone, else it is committed.
func Transaction(work func() error) error {
	if err := host.Call("sql.begin", map[string]any{}, nil); err != nil {
		return err
	}
	if err := work(); err != nil {
		_ = host.Call("sql.rollback", map[string]any{}, nil)
		return err
	}
	return host.Call("sql.commit", map[string]any{}, nil)
}
