// Package http asks other servers: those that the function's block names with allow_host.
//
// Programs and packages that are written for net/http ask by package client beside it.
package http

import (
	"strings"
	"time"

	"gojinn/host"
	"gojinn/internal/message"
)

// Headers are header fields by their names, every value kept.
type Headers map[string][]string

// Get returns the first value of a field, whatever the case of its name; "" without one.
func (h Headers) Get(name string) string {
	if values := h.Values(name); len(values) > 0 {
		return values[0]
	}
	return ""
}

// Values returns all values of a field.
func (h Headers) Values(name string) []string {
	for key, values := range h {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	return nil
}

// Redirect says what becomes of an answer that leads elsewhere.
type Redirect string

// What may become of it.
const (
	// Follow asks there: what is done unless something else is said.
	Follow Redirect = "follow"
	// Manual takes it as the answer.
	Manual Redirect = "manual"
	// Refuse makes it an error.
	Refuse Redirect = "error"
)

// Request is what another server is asked.
type Request struct {
	// Method is GET unless it is set.
	Method  string
	URL     string
	Headers Headers
	// Body is bytes of any kind; none where it is nil.
	Body []byte
	// Timeout is for all of it; what the function has left unless it is set.
	Timeout time.Duration
	// Redirect is Follow unless it is set.
	Redirect Redirect
}

// Response is what it answered.
type Response struct {
	Status  int
	Headers Headers
	Body    []byte
	// URL is what answered in the end, and Redirected whether it is another one than was asked for.
	URL        string
	Redirected bool
}

// Fetch asks a server; any status is an answer. Its error is gojinn.ErrDenied where the function may not ask it,
// with the line to add in its message; gojinn.ErrUnavailable where there is no answer, gojinn.ErrTimeout where it
// takes too long, gojinn.ErrTooLarge, or gojinn.ErrBadRequest for what is no request.
func Fetch(request Request) (*Response, error) {
	asked := message.Request{
		Method:   request.Method,
		URL:      request.URL,
		Headers:  request.Headers,
		Timeout:  request.Timeout.Seconds(),
		Redirect: string(request.Redirect),
	}
	if len(request.Body) > 0 {
		asked.Body = host.NewBody(request.Body)
	}
	var answer message.Answer
	if err := host.Call("http.fetch", asked, &answer); err != nil {
		return nil, err
	}
	return &Response{answer.Status, answer.Headers, answer.Bytes(), answer.URL, answer.Redirected}, nil
}

// Get asks for an address.
func Get(url string) (*Response, error) { return Fetch(Request{URL: url}) }

// Post sends a body of a content type to an address.
func Post(url, contentType string, body []byte) (*Response, error) {
	return Fetch(Request{Method: "POST", URL: url, Headers: Headers{"Content-Type": {contentType}}, Body: body})
}
