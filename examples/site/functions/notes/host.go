package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"unsafe"
)

//go:wasmimport gojinn host_call
func hostCall(op unsafe.Pointer, opLength uint32, request unsafe.Pointer, length uint32) int32

//go:wasmimport gojinn host_take
func hostTake(out unsafe.Pointer, limit uint32) int32

// failure is what an operation answers when it did not do what it was asked.
type failure struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (f *failure) Error() string { return f.Code + ": " + f.Message }

// call has the host run an operation: JSON in, JSON out, bytes as base64.
func call(op string, request any, answer any) error {
	sent, err := json.Marshal(request)
	if err != nil {
		return err
	}
	name := []byte(op)
	size := hostCall(unsafe.Pointer(&name[0]), uint32(len(name)), unsafe.Pointer(&sent[0]), uint32(len(sent)))
	if size < 0 {
		return fmt.Errorf("%s: the host refused the call with code %d", op, size)
	}
	got := make([]byte, size)
	hostTake(unsafe.Pointer(&got[0]), uint32(size))
	var failed struct {
		Error *failure `json:"error"`
	}
	if err := json.Unmarshal(got, &failed); err == nil && failed.Error != nil {
		return failed.Error
	}
	return json.Unmarshal(got, answer)
}

// is tells whether an operation failed with this code.
func is(err error, code string) bool {
	var failed *failure
	return errors.As(err, &failed) && failed.Code == code
}
