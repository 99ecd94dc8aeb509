// Package gojinn writes functions for Gojinn: a handler takes a request and returns a response.
//
//	func main() {
//		gojinn.Serve(func(request *gojinn.Request) (*gojinn.Response, error) {
//			return gojinn.JSON(200, map[string]string{"hello": request.Query().Get("name")})
//		})
//	}
//
// What the host keeps for functions is in packages of their own: kv, lock, sql, blob, queue,
// http, ai, log.
package gojinn

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"unicode/utf8"

	"gojinn/log"
)

// Handler answers one request. An error becomes a 500 that tells the caller nothing; it goes to the log.
type Handler func(*Request) (*Response, error)

// Serve reads the request of this invocation from standard input, has the handler answer it and writes the
// response to standard output. It does not return if the request is none or the response cannot be written:
// the function then exits with status 1.
func Serve(handler Handler) {
	request, err := read(os.Stdin)
	if err != nil {
		fail("reading the request", err)
	}
	response, err := handler(request)
	if err != nil {
		log.Error(err.Error())
		response = failed
	}
	if err := write(os.Stdout, response); err != nil {
		fail("writing the response", err)
	}
}

var failed = &Response{
	Status:  500,
	Headers: Headers{"Content-Type": {"application/problem+json"}},
	Body:    []byte(`{"title":"the function failed","status":500}`),
}

func fail(doing string, err error) {
	fmt.Fprintf(os.Stderr, "%s: %v\n", doing, err)
	os.Exit(1)
}

func read(in io.Reader) (*Request, error) {
	text, err := io.ReadAll(in)
	if err != nil {
		return nil, err
	}
	var envelope struct {
		Request
		Body         string `json:"body"`
		BodyEncoding string `json:"body_encoding"`
	}
	if err := json.Unmarshal(text, &envelope); err != nil {
		return nil, err
	}
	request := envelope.Request
	if envelope.BodyEncoding == "base64" {
		request.Body, err = base64.StdEncoding.DecodeString(envelope.Body)
	} else {
		request.Body = []byte(envelope.Body)
	}
	return &request, err
}

func write(out io.Writer, response *Response) error {
	envelope := struct {
		Status       int     `json:"status"`
		Headers      Headers `json:"headers"`
		BodyEncoding string  `json:"body_encoding,omitempty"`
		Body         string  `json:"body"`
	}{Status: response.Status, Headers: response.Headers}
	if utf8.Valid(response.Body) {
		envelope.Body = string(response.Body)
	} else {
		envelope.Body, envelope.BodyEncoding = base64.StdEncoding.EncodeToString(response.Body), "base64"
	}
	text, err := json.Marshal(envelope)
	if err != nil {
		return err
	}
	_, err = out.Write(text)
	return err
}
