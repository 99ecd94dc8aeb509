// Package message has requests to other servers and their answers, as the host takes and gives them.
package message

import "gojinn/host"

// Request is what another server is asked.
type Request struct {
	Method  string              `json:"method,omitempty"`
	URL     string              `json:"url"`
	Headers map[string][]string `json:"headers,omitempty"`
	host.Body
	// Timeout is in seconds.
	Timeout float64 `json:"timeout,omitempty"`
	// Redirect is follow, manual or error.
	Redirect string `json:"redirect,omitempty"`
}

// Answer is what it answered.
type Answer struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	host.Body
	URL        string `json:"url"`
	Redirected bool   `json:"redirected"`
}
