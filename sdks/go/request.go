package gojinn

import (
	"encoding/json"
	"net/url"
	"strings"
)

// Headers are header fields by their name in Title-Case, every value kept.
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
	if values, found := h[name]; found {
		return values
	}
	for key, values := range h {
		if strings.EqualFold(key, name) {
			return values
		}
	}
	return nil
}

// Request is what a function is asked.
type Request struct {
	// Method is the HTTP method, or what started the function: ASYNC, CRON, MQTT, WEBHOOK.
	Method string `json:"method"`
	// URI is the path with the query, as received.
	URI     string  `json:"uri"`
	Headers Headers `json:"headers"`
	Body    []byte  `json:"-"`
	// TraceID is the W3C traceparent of the invocation.
	TraceID  string `json:"trace_id"`
	Tenant   string `json:"tenant"`
	ClientIP string `json:"client_ip"`
	// Trigger is what started the function: http, queue, cron, mqtt, webhook.
	Trigger string `json:"trigger"`
	// Attempt is which delivery of the same event this is, from 1.
	Attempt int `json:"attempt"`
}

// Path returns the decoded path.
func (r *Request) Path() string {
	path, _, _ := strings.Cut(r.URI, "?")
	if decoded, err := url.PathUnescape(path); err == nil {
		return decoded
	}
	return path
}

// Query returns the parameters of the query; what cannot be decoded is left out.
func (r *Request) Query() url.Values {
	_, query, _ := strings.Cut(r.URI, "?")
	values, _ := url.ParseQuery(query)
	return values
}

// JSON reads the body into what target points to. Its error is an Error with the code bad-request.
func (r *Request) JSON(target any) error {
	if err := json.Unmarshal(r.Body, target); err != nil {
		return &Error{Code: BadRequest, Message: "the body is not the JSON that is expected: " + err.Error()}
	}
	return nil
}
