// Package host calls the operations of the host: JSON in, JSON out. The packages beside it are made of it.
package host

import (
	"encoding/json"
	"fmt"
	"unsafe"
)

//go:wasmimport gojinn host_call
func hostCall(op unsafe.Pointer, opLength uint32, request unsafe.Pointer, length uint32) int32

//go:wasmimport gojinn host_take
func hostTake(out unsafe.Pointer, limit uint32) int32

// Error is what an operation answers when it did not do what it was asked.
type Error struct {
	// Code is stable: compare this one, with errors.Is and the values in package gojinn.
	Code string `json:"code"`
	// Message is for people. That of a denial names the line to add to the Caddyfile.
	Message string `json:"message"`
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Is tells whether target has the same code.
func (e *Error) Is(target error) bool {
	other, ok := target.(*Error)
	return ok && other.Code == e.Code
}

// Timeout tells whether it took too long, as the errors of net do.
func (e *Error) Timeout() bool { return e.Code == "timeout" }

// Call has the host run an operation such as "kv.get" and reads its answer into what answer points to, unless
// that is nil. Bytes are base64 in both. Its error is an *Error when the operation answered one.
func Call(op string, request, answer any) error {
	got, err := Ask(op, request)
	if err != nil {
		return err
	}
	var failed struct {
		Error *Error `json:"error"`
	}
	if err := json.Unmarshal(got, &failed); err == nil && failed.Error != nil {
		return failed.Error
	}
	if answer == nil {
		return nil
	}
	return json.Unmarshal(got, answer)
}

// Ask has the host run an operation and returns its answer as it is, which may be that it failed.
func Ask(op string, request any) ([]byte, error) {
	sent, err := json.Marshal(request)
	if err != nil {
		return nil, err
	}
	name := []byte(op)
	size := hostCall(unsafe.Pointer(unsafe.SliceData(name)), uint32(len(name)), unsafe.Pointer(&sent[0]), uint32(len(sent)))
	if size < 0 {
		return nil, refusal(op, size)
	}
	got := make([]byte, size)
	hostTake(unsafe.Pointer(unsafe.SliceData(got)), uint32(size))
	return got, nil
}

func refusal(op string, code int32) error {
	switch code {
	case -1:
		return &Error{"bad-request", fmt.Sprintf("'%.40s' cannot name an operation", op)}
	case -2:
		return &Error{"too-large", op + ": the request is larger than 8 MiB"}
	case -3:
		return &Error{"too-large", op + ": the answer is larger than 8 MiB"}
	}
	return fmt.Errorf("%s: the host refused the call with code %d", op, code)
}
