package gojinn

import "encoding/json"

// Response is what a function answers. Any bytes may be the body.
type Response struct {
	// Status is 200 to 599.
	Status  int
	Headers Headers
	Body    []byte
}

// Bytes answers bytes of a content type.
func Bytes(status int, contentType string, body []byte) *Response {
	return &Response{Status: status, Headers: Headers{"Content-Type": {contentType}}, Body: body}
}

// Text answers plain text.
func Text(status int, text string) *Response {
	return Bytes(status, "text/plain; charset=utf-8", []byte(text))
}

// JSON answers a value as JSON; fails for what JSON cannot hold.
func JSON(status int, value any) (*Response, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return Bytes(status, "application/json", body), nil
}

// Empty answers a status without a body.
func Empty(status int) *Response {
	return &Response{Status: status}
}
