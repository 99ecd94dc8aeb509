// Calls the imports that functions in Go used, and answers what each returned. RESULT is the width of results.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"unsafe"
)

//go:wasmimport gojinn host_log
func hostLog(level, ptr, length uint32)

//go:wasmimport gojinn host_db_query
func hostDBQuery(sqlPtr, sqlLen, outPtr, outMax uint32) RESULT

//go:wasmimport gojinn host_kv_set
func hostKVSet(keyPtr, keyLen, valPtr, valLen uint32)

//go:wasmimport gojinn host_kv_get
func hostKVGet(keyPtr, keyLen, outPtr, outMax uint32) RESULT

//go:wasmimport gojinn host_s3_put
func hostS3Put(keyPtr, keyLen, bodyPtr, bodyLen uint32) RESULT

//go:wasmimport gojinn host_ask_ai
func hostAskAI(promptPtr, promptLen, outPtr, outMax uint32) RESULT

type Request struct {
	Method  string              `json:"method"`
	URI     string              `json:"uri"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
	TraceID string              `json:"trace_id"`
}

type Response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

func view(text string) (uint32, uint32) {
	return uint32(uintptr(unsafe.Pointer(unsafe.StringData(text)))), uint32(len(text))
}

func main() {
	var request Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintln(os.Stderr, "no envelope:", err)
		os.Exit(1)
	}
	message, size := view("logged by the host")
	hostLog(1, message, size)
	key, keyLen := view("key")
	value, valueLen := view("value")
	hostKVSet(key, keyLen, value, valueLen)
	out := make([]byte, 256)
	outPtr, outMax := uint32(uintptr(unsafe.Pointer(&out[0]))), uint32(len(out))
	var lines strings.Builder
	fmt.Fprintf(&lines, "%s %s %s\n", request.Method, request.URI, request.Body)
	query := hostDBQuery(key, keyLen, outPtr, outMax)
	fmt.Fprintf(&lines, "host_db_query=%d %s\n", query, out[:query])
	fmt.Fprintf(&lines, "host_kv_get=%d\n", int32(hostKVGet(key, keyLen, outPtr, outMax)))
	fmt.Fprintf(&lines, "host_s3_put=%d\n", hostS3Put(key, keyLen, value, valueLen))
	fmt.Fprintf(&lines, "host_ask_ai=%d\n", hostAskAI(key, keyLen, outPtr, outMax))
	json.NewEncoder(os.Stdout).Encode(Response{Status: 200, Body: lines.String()})
}
