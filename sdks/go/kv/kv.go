// Package kv keeps values under keys. What is written is on disk before the call returns, and every worker sees it.
//
// Functions need kv_read and kv_write in the permissions of their block.
package kv

import (
	"time"

	"gojinn/host"
)

// Entry is a value that was read.
type Entry struct {
	Value []byte
	// Revision grows with every change; CAS takes it.
	Revision uint64
}

// Item is a key of a list.
type Item struct {
	Key      string
	Revision uint64
	Size     int
	// Value is nil unless values were asked for.
	Value []byte
}

// Option changes how a value is written.
type Option func(*write)

// TTL has the value be gone after a while, from a second on.
func TTL(duration time.Duration) Option {
	seconds := duration.Seconds()
	return func(w *write) { w.TTL = &seconds }
}

type write struct {
	Key string `json:"key"`
	host.Value
	Revision *uint64  `json:"revision,omitempty"`
	TTL      *float64 `json:"ttl,omitempty"`
	Delete   bool     `json:"delete,omitempty"`
}

// Get reads a key. Its error is gojinn.ErrNotFound for one that is not there.
func Get(key string) (*Entry, error) {
	var answer struct {
		host.Value
		Revision uint64 `json:"revision"`
	}
	if err := host.Call("kv.get", map[string]any{"key": key}, &answer); err != nil {
		return nil, err
	}
	return &Entry{answer.Bytes(), answer.Revision}, nil
}

// Put writes a key, whatever it held, and returns its new revision.
func Put(key string, value []byte, options ...Option) (uint64, error) {
	return send("kv.put", key, value, nil, options)
}

// Create writes a key that does not exist; otherwise its error is gojinn.ErrConflict.
func Create(key string, value []byte, options ...Option) (uint64, error) {
	return send("kv.create", key, value, nil, options)
}

// CAS writes a key that still has this revision, 0 for one that does not exist; otherwise its error is
// gojinn.ErrConflict.
func CAS(key string, value []byte, revision uint64, options ...Option) (uint64, error) {
	return send("kv.cas", key, value, &revision, options)
}

func send(op, key string, value []byte, revision *uint64, options []Option) (uint64, error) {
	request := write{Key: key, Value: host.NewValue(value), Revision: revision}
	for _, option := range options {
		option(&request)
	}
	var answer struct {
		Revision uint64 `json:"revision"`
	}
	err := host.Call(op, request, &answer)
	return answer.Revision, err
}

// Delete deletes a key. Deleting what is not there succeeds.
func Delete(key string) error {
	return host.Call("kv.delete", map[string]any{"key": key}, nil)
}

// List is what to list.
type List struct {
	Prefix string `json:"prefix"`
	// After is Page.Next of the page before.
	After string `json:"after,omitempty"`
	// Limit is 100 unless it is set.
	Limit int `json:"limit,omitempty"`
	// Values are read too when this is set.
	Values bool `json:"values,omitempty"`
}

// Page is a part of a list. There is more as long as Next is not empty.
type Page struct {
	Items []Item
	Next  string
}

// Keys lists keys that begin with a prefix.
func Keys(list List) (*Page, error) {
	var answer struct {
		Keys []struct {
			Key      string `json:"key"`
			Revision uint64 `json:"revision"`
			Size     int    `json:"size"`
			host.Value
		} `json:"keys"`
		Next string `json:"next"`
	}
	if err := host.Call("kv.list", list, &answer); err != nil {
		return nil, err
	}
	page := &Page{Next: answer.Next, Items: make([]Item, len(answer.Keys))}
	for at, key := range answer.Keys {
		page.Items[at] = Item{Key: key.Key, Revision: key.Revision, Size: key.Size}
		if list.Values {
			page.Items[at].Value = key.Bytes()
		}
	}
	return page, nil
}

// Change is one of those that Commit makes.
type Change struct{ write }

// Set makes a change that writes a key.
func Set(key string, value []byte, options ...Option) Change {
	change := Change{write{Key: key, Value: host.NewValue(value)}}
	for _, option := range options {
		option(&change.write)
	}
	return change
}

// Unset makes a change that deletes a key.
func Unset(key string) Change {
	return Change{write{Key: key, Delete: true}}
}

// If has the change demand that the key still has this revision, 0 for one that does not exist.
func (c Change) If(revision uint64) Change {
	c.Revision = &revision
	return c
}

// Commit makes up to 100 changes at once or none, and returns the new revisions in the same order. Its error is
// gojinn.ErrConflict when a revision that was demanded is another one.
func Commit(changes ...Change) ([]uint64, error) {
	var answer struct {
		Revisions []uint64 `json:"revisions"`
	}
	err := host.Call("kv.commit", map[string]any{"changes": changes}, &answer)
	return answer.Revisions, err
}

// Event is a change that was seen.
type Event struct {
	Key      string
	Revision uint64
	Value    []byte
	Deleted  bool
}

// Watch tells what has changed after a revision, 0 for from now on, and the revision to go on with. It waits up
// to a minute for a first change.
func Watch(prefix string, after uint64, wait time.Duration) ([]Event, uint64, error) {
	request := map[string]any{"prefix": prefix, "wait": wait.Seconds()}
	if after > 0 {
		request["after"] = after
	}
	var answer struct {
		Changes []struct {
			Key      string `json:"key"`
			Revision uint64 `json:"revision"`
			Deleted  bool   `json:"deleted"`
			host.Value
		} `json:"changes"`
		Revision uint64 `json:"revision"`
	}
	if err := host.Call("kv.watch", request, &answer); err != nil {
		return nil, 0, err
	}
	events := make([]Event, len(answer.Changes))
	for at, change := range answer.Changes {
		events[at] = Event{change.Key, change.Revision, change.Bytes(), change.Deleted}
	}
	return events, answer.Revision, nil
}
