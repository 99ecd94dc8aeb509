// Package http asks other servers, as far as the host lets it.
package http

import (
	"time"

	"gojinn/host"
)

// Request is what another server is asked.
type Request struct {
	// Method is GET unless it is set.
	Method  string
	URL     string
	Headers map[string][]string
	Body    []byte
	// Timeout is what the function has left unless it is set.
	Timeout time.Duration
}

// Response is what it answered.
type Response struct {
	Status  int
	Headers map[string][]string
	Body    []byte
}

// Fetch asks a server. Its error is a gojinn.Error where the host does not allow it or the server cannot be
// reached; any status is an answer.
func Fetch(request Request) (*Response, error) {
	method := request.Method
	if method == "" {
		method = "GET"
	}
	asked := struct {
		Method  string              `json:"method"`
		URL     string              `json:"url"`
		Headers map[string][]string `json:"headers,omitempty"`
		host.Body
		Timeout float64 `json:"timeout,omitempty"`
	}{Method: method, URL: request.URL, Headers: request.Headers, Timeout: request.Timeout.Seconds()}
	if len(request.Body) > 0 {
		asked.Body = host.NewBody(request.Body)
	}
	var answer struct {
		Status  int                 `json:"status"`
		Headers map[string][]string `json:"headers"`
		host.Body
	}
	if err := host.Call("http.fetch", asked, &answer); err != nil {
		return nil, err
	}
	return &Response{answer.Status, answer.Headers, answer.Bytes()}, nil
}
