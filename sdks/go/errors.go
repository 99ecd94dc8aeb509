package gojinn

import "gojinn/host"

// Error is what the host answers when an operation did not do what it was asked. Compare codes with errors.Is:
//
//	if errors.Is(err, gojinn.ErrConflict) { … }
type Error = host.Error

// BadRequest is the code of what could not be understood.
const BadRequest = "bad-request"

// Errors by their code, for errors.Is.
var (
	ErrBadRequest  = &Error{Code: BadRequest}
	ErrConflict    = &Error{Code: "conflict"}
	ErrDenied      = &Error{Code: "denied"}
	ErrExists      = &Error{Code: "exists"}
	ErrLimit       = &Error{Code: "limit"}
	ErrNotFound    = &Error{Code: "not-found"}
	ErrTimeout     = &Error{Code: "timeout"}
	ErrTooLarge    = &Error{Code: "too-large"}
	ErrUnavailable = &Error{Code: "unavailable"}
	ErrUnknownOp   = &Error{Code: "unknown-op"}
)
