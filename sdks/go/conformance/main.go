// The conformance function of the Go SDK: does what ../../conformance/README.md says.
package main

import (
	"errors"
	"os"
	"strconv"
	"strings"

	"gojinn"
)

type action func(*gojinn.Request) (any, error)

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	path := request.Path()
	if status, found := strings.CutPrefix(path, "/status/"); found {
		number, _ := strconv.Atoi(status)
		return gojinn.Empty(number), nil
	}
	act, found := actions[path]
	if !found {
		return gojinn.Text(404, "no such path"), nil
	}
	answer, err := act(request)
	var refused *gojinn.Error
	if errors.As(err, &refused) {
		return gojinn.JSON(400, map[string]string{"error": refused.Code, "message": refused.Message})
	}
	if response, ok := answer.(*gojinn.Response); ok || err != nil {
		return response, err
	}
	return gojinn.JSON(200, answer)
}

var actions map[string]action

func init() {
	actions = map[string]action{
		"/echo":    echo,
		"/request": describe,
		"/headers": headers,
		"/json":    compute,
		"/fail":    func(*gojinn.Request) (any, error) { return nil, errors.New("a detail that stays in the log") },
		"/env":     environment,
		"/log":     logged,

		"/kv/get": kvGet, "/kv/put": kvPut, "/kv/create": kvCreate, "/kv/cas": kvCas, "/kv/delete": kvDelete,
		"/kv/list": kvList, "/kv/commit": kvCommit, "/kv/bytes": kvBytes,
		"/lock/cycle": lockCycle,
		"/sql/exec":   sqlExec, "/sql/query": sqlQuery, "/sql/batch": sqlBatch, "/sql/transaction": sqlTransaction,
		"/sql/bytes": sqlBytes,
		"/blob/put":  blobPut, "/blob/create": blobCreate, "/blob/get": blobGet, "/blob/head": blobHead,
		"/blob/list": blobList, "/blob/copy": blobCopy, "/blob/delete": blobDelete,
		"/queue/publish": queuePublish, "/queue/cycle": queueCycle,
		"/http/fetch": httpFetch, "/http/relay": httpRelay, "/ai/chat": aiChat,
		"/client/get": clientGet, "/client/post": clientPost, "/client/form": clientForm, "/client/late": clientLate,
		"/client/together": clientTogether,
	}
}

func echo(request *gojinn.Request) (any, error) {
	return gojinn.Bytes(200, request.Headers.Get("content-type"), request.Body), nil
}

func describe(request *gojinn.Request) (any, error) {
	return map[string]any{
		"method": request.Method, "path": request.Path(), "query": request.Query().Get("q"),
		"header": append([]string{}, request.Headers.Values("x-many")...), "trigger": request.Trigger, "tenant": request.Tenant,
		"attempt": request.Attempt,
	}, nil
}

func headers(*gojinn.Request) (any, error) {
	response := gojinn.Text(200, "ok")
	response.Headers["Set-Cookie"] = []string{"a=1", "b=2"}
	return response, nil
}

func compute(request *gojinn.Request) (any, error) {
	var given struct {
		Text   string
		Number float64
		List   []any
	}
	if err := request.JSON(&given); err != nil {
		return nil, err
	}
	return map[string]any{"text": given.Text, "number": given.Number + 1, "count": len(given.List)}, nil
}

func environment(*gojinn.Request) (any, error) {
	return map[string]string{"value": os.Getenv("GREETING")}, nil
}
