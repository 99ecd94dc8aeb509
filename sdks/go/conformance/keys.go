package main

import (
	"errors"
	"time"

	"gojinn"
	"gojinn/ai"
	"gojinn/kv"
	"gojinn/lock"
	"gojinn/log"
)

type write struct {
	Key      string
	Value    string
	TTL      *float64
	Revision uint64
}

func read[T any](request *gojinn.Request) (given T, err error) {
	err = request.JSON(&given)
	return given, err
}

func revised(revision uint64, err error) (any, error) {
	return map[string]any{"revision": revision}, err
}

func kvGet(request *gojinn.Request) (any, error) {
	given, err := read[write](request)
	if err != nil {
		return nil, err
	}
	entry, err := kv.Get(given.Key)
	if errors.Is(err, gojinn.ErrNotFound) {
		return map[string]any{"value": nil}, nil
	}
	if err != nil {
		return nil, err
	}
	return map[string]any{"value": string(entry.Value), "revision": entry.Revision}, nil
}

func kvPut(request *gojinn.Request) (any, error) {
	given, err := read[write](request)
	if err != nil {
		return nil, err
	}
	if given.TTL == nil {
		return revised(kv.Put(given.Key, []byte(given.Value)))
	}
	ttl := time.Duration(*given.TTL * float64(time.Second))
	return revised(kv.Put(given.Key, []byte(given.Value), kv.TTL(ttl)))
}

func kvCreate(request *gojinn.Request) (any, error) {
	given, err := read[write](request)
	if err != nil {
		return nil, err
	}
	return revised(kv.Create(given.Key, []byte(given.Value)))
}

func kvCas(request *gojinn.Request) (any, error) {
	given, err := read[write](request)
	if err != nil {
		return nil, err
	}
	return revised(kv.CAS(given.Key, []byte(given.Value), given.Revision))
}

func kvDelete(request *gojinn.Request) (any, error) {
	given, err := read[write](request)
	if err != nil {
		return nil, err
	}
	return struct{}{}, kv.Delete(given.Key)
}

func kvList(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		Prefix string
		After  string
		Limit  int
	}](request)
	if err != nil {
		return nil, err
	}
	page, err := kv.Keys(kv.List{Prefix: given.Prefix, After: given.After, Limit: given.Limit})
	if err != nil {
		return nil, err
	}
	keys := []string{}
	for _, item := range page.Items {
		keys = append(keys, item.Key)
	}
	return map[string]any{"keys": keys, "more": page.Next != ""}, nil
}

func kvCommit(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		Changes []struct {
			Key      string
			Value    string
			Delete   bool
			Revision *uint64
		}
	}](request)
	if err != nil {
		return nil, err
	}
	var changes []kv.Change
	for _, change := range given.Changes {
		made := kv.Set(change.Key, []byte(change.Value))
		if change.Delete {
			made = kv.Unset(change.Key)
		}
		if change.Revision != nil {
			made = made.If(*change.Revision)
		}
		changes = append(changes, made)
	}
	revisions, err := kv.Commit(changes...)
	return map[string]any{"revisions": len(revisions)}, err
}

func kvBytes(request *gojinn.Request) (any, error) {
	key := request.Query().Get("key")
	if request.Method == "PUT" {
		return revised(kv.Put(key, request.Body))
	}
	entry, err := kv.Get(key)
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, "application/octet-stream", entry.Value), nil
}

func lockCycle(request *gojinn.Request) (any, error) {
	given, err := read[struct{ Name string }](request)
	if err != nil {
		return nil, err
	}
	taken, err := lock.Acquire(given.Name, 30*time.Second, 0)
	if err != nil {
		return nil, err
	}
	_, second := lock.Acquire(given.Name, 30*time.Second, 0)
	if err := taken.Renew(time.Minute); err != nil {
		return nil, err
	}
	ttl := taken.TTL.Seconds()
	if err := taken.Release(); err != nil {
		return nil, err
	}
	return map[string]any{"second": code(second), "ttl": ttl, "again": code(taken.Release())}, nil
}

func code(err error) string {
	var refused *gojinn.Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

var levels = map[string]func(string, ...log.Fields){
	"debug": log.Debug, "info": log.Info, "warn": log.Warn, "error": log.Error,
}

func logged(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		Level   string
		Message string
		Fields  log.Fields
	}](request)
	if err != nil {
		return nil, err
	}
	if given.Fields == nil {
		levels[given.Level](given.Message)
	} else {
		levels[given.Level](given.Message, given.Fields)
	}
	return gojinn.Empty(204), nil
}

func aiChat(request *gojinn.Request) (any, error) {
	given, err := read[struct{ Prompt string }](request)
	if err != nil {
		return nil, err
	}
	answer, err := ai.Chat(ai.Message{Role: "user", Content: given.Prompt})
	return map[string]any{"answer": answer}, err
}
