package sql

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"time"
)

const safe = 1<<53 - 1 // the largest integer that every JSON reader keeps

func tagged(param any) any {
	switch value := param.(type) {
	case []byte:
		return map[string]any{"$blob": value}
	case time.Time:
		return map[string]any{"$datetime": value.UTC().Format("2006-01-02T15:04:05.999999") + "Z"}
	case int:
		return tagged(int64(value))
	case int64:
		if value < -safe || value > safe {
			return map[string]any{"$integer": strconv.FormatInt(value, 10)}
		}
	}
	return param
}

type result struct {
	Columns []struct {
		Name string `json:"name"`
	} `json:"columns"`
	Values [][]value `json:"rows"`
}

func (r *result) rows() *Rows {
	rows := &Rows{Columns: make([]string, len(r.Columns)), Rows: make([][]any, len(r.Values))}
	for at, column := range r.Columns {
		rows.Columns[at] = column.Name
	}
	for at, values := range r.Values {
		row := make([]any, len(values))
		for place, value := range values {
			row[place] = value.is
		}
		rows.Rows[at] = row
	}
	return rows
}

// value is one as the host writes it: what JSON has as it is, anything else an object with one tagged member.
type value struct{ is any }

func (v *value) UnmarshalJSON(text []byte) error {
	if text[0] == '{' {
		return v.untag(text)
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&v.is); err != nil {
		return err
	}
	if number, ok := v.is.(json.Number); ok {
		v.is = parsed(number)
	}
	return nil
}

func parsed(number json.Number) any {
	if integer, err := number.Int64(); err == nil {
		return integer
	}
	real, _ := number.Float64()
	return real
}

func (v *value) untag(text []byte) (err error) {
	var tags map[string]string
	if err := json.Unmarshal(text, &tags); err != nil {
		return err
	}
	for tag, content := range tags {
		switch tag {
		case "$blob":
			v.is, err = base64.StdEncoding.DecodeString(content)
		case "$integer":
			v.is, err = strconv.ParseInt(content, 10, 64)
		case "$real":
			v.is, err = strconv.ParseFloat(content, 64)
		default:
			v.is = content
		}
	}
	return err
}
