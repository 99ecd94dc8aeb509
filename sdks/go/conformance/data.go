package main

import (
	"errors"
	"time"

	"gojinn"
	"gojinn/blob"
	"gojinn/queue"
	"gojinn/sql"
)

type statement struct {
	SQL    string
	Params []any
}

func sqlExec(request *gojinn.Request) (any, error) {
	given, err := read[statement](request)
	if err != nil {
		return nil, err
	}
	done, err := sql.Exec(given.SQL, given.Params...)
	return map[string]any{"changes": done.Changes}, err
}

func sqlQuery(request *gojinn.Request) (any, error) {
	given, err := read[statement](request)
	if err != nil {
		return nil, err
	}
	rows, err := sql.Query(given.SQL, given.Params...)
	if err != nil {
		return nil, err
	}
	return map[string]any{"columns": rows.Columns, "rows": rows.Rows}, nil
}

func sqlBatch(request *gojinn.Request) (any, error) {
	given, err := read[struct{ Statements []statement }](request)
	if err != nil {
		return nil, err
	}
	var statements []sql.Statement
	for _, each := range given.Statements {
		statements = append(statements, sql.New(each.SQL, each.Params...))
	}
	results, err := sql.Batch(statements...)
	if err != nil {
		return nil, err
	}
	changes := []int64{}
	for _, result := range results {
		changes = append(changes, result.Changes)
	}
	return map[string]any{"changes": changes}, nil
}

var errUndo = errors.New("undo")

func sqlTransaction(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		statement
		Commit bool
	}](request)
	if err != nil {
		return nil, err
	}
	err = sql.Transaction(func() error {
		if _, err := sql.Exec(given.SQL, given.Params...); err != nil {
			return err
		}
		if !given.Commit {
			return errUndo
		}
		return nil
	})
	if errors.Is(err, errUndo) {
		err = nil
	}
	return struct{}{}, err
}

func sqlBytes(request *gojinn.Request) (any, error) {
	rows, err := sql.Query("select ? as bytes", request.Body)
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, "application/octet-stream", rows.Rows[0][0].([]byte)), nil
}

func key(request *gojinn.Request) string { return request.Query().Get("key") }

func stored(etag string, err error) (any, error) {
	return map[string]any{"etag": etag}, err
}

func blobPut(request *gojinn.Request) (any, error) {
	options := blob.Options{ContentType: request.Headers.Get("Content-Type")}
	return stored(blob.Put(key(request), request.Body, options))
}

func blobCreate(request *gojinn.Request) (any, error) {
	return stored(blob.Create(key(request), request.Body, blob.Options{}))
}

func blobGet(request *gojinn.Request) (any, error) {
	object, err := blob.Get(key(request))
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, object.ContentType, object.Body), nil
}

func blobHead(request *gojinn.Request) (any, error) {
	info, err := blob.Head(key(request))
	if err != nil {
		return nil, err
	}
	return map[string]any{"size": info.Size, "content_type": info.ContentType}, nil
}

func blobList(request *gojinn.Request) (any, error) {
	page, err := blob.List(request.Query().Get("prefix"), "")
	if err != nil {
		return nil, err
	}
	keys := []string{}
	for _, object := range page.Objects {
		keys = append(keys, object.Key)
	}
	return map[string]any{"keys": keys}, nil
}

func blobCopy(request *gojinn.Request) (any, error) {
	return struct{}{}, blob.Copy(key(request), request.Query().Get("target"))
}

func blobDelete(request *gojinn.Request) (any, error) {
	return struct{}{}, blob.Delete(key(request))
}

func queuePublish(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		Queue string
		Body  string
		Key   string
		Delay float64
	}](request)
	if err != nil {
		return nil, err
	}
	delay := time.Duration(given.Delay * float64(time.Second))
	published, err := queue.Publish(given.Queue, []byte(given.Body), queue.Options{Key: given.Key, Delay: delay})
	return map[string]any{"job": published.Job, "duplicate": published.Duplicate}, err
}

func queueCycle(request *gojinn.Request) (any, error) {
	given, err := read[struct{ Queue string }](request)
	if err != nil {
		return nil, err
	}
	published, err := queue.Publish(given.Queue, request.Body, queue.Options{Delay: time.Hour})
	if err != nil {
		return nil, err
	}
	before, err := queue.Status(published.Job)
	if err != nil {
		return nil, err
	}
	after, err := queue.Cancel(published.Job)
	if err != nil {
		return nil, err
	}
	return map[string]any{"before": before.State, "after": after.State}, nil
}
