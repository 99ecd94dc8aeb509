// Asks the server at ADDRESS as functions in Go did for Gojinn 1.x, and answers what it said.
package main

import (
	"encoding/json"
	"io"
	"os"
	"unsafe"
)

//go:wasmimport gojinn host_http_get
func hostHTTPGet(urlPtr, urlLen, outPtr, outMax uint32) uint64

func main() {
	io.ReadAll(os.Stdin)
	url, out := os.Getenv("ADDRESS"), make([]byte, 1024)
	size := hostHTTPGet(
		uint32(uintptr(unsafe.Pointer(unsafe.StringData(url)))), uint32(len(url)),
		uint32(uintptr(unsafe.Pointer(&out[0]))), uint32(len(out)),
	)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"status": 200, "body": string(out[:size])})
}
