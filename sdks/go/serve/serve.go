// Package serve makes functions of handlers for net/http, such as routers.
//
//	func main() {
//		router := http.NewServeMux()
//		router.HandleFunc("GET /hello/{name}", hello)
//		serve.HTTP(router)
//	}
//
// Handlers may ask other servers by http.Get and http.Client, see package client. It is a package of its own, as
// net/http makes a function some megabytes larger.
package serve

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"

	"gojinn"
	_ "gojinn/client"
)

type key struct{}

// HTTP has a handler answer the request of this invocation.
func HTTP(handler http.Handler) {
	gojinn.Serve(func(request *gojinn.Request) (*gojinn.Response, error) {
		return Answer(handler, request)
	})
}

// Answer has a handler answer a request. Fails when the request is none for HTTP.
func Answer(handler http.Handler, request *gojinn.Request) (*gojinn.Response, error) {
	given, err := Request(request)
	if err != nil {
		return nil, err
	}
	writer := &writer{header: http.Header{}}
	handler.ServeHTTP(writer, given)
	writer.WriteHeader(http.StatusOK)
	if writer.sent.Get("Content-Type") == "" && writer.body.Len() > 0 {
		writer.sent.Set("Content-Type", http.DetectContentType(writer.body.Bytes()))
	}
	return &gojinn.Response{
		Status:  writer.status,
		Headers: gojinn.Headers(writer.sent),
		Body:    writer.body.Bytes(),
	}, nil
}

// Request is a request as handlers know it. The function's own is in its context, see Of.
func Request(request *gojinn.Request) (*http.Request, error) {
	address, err := url.ParseRequestURI(request.URI)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	for name, values := range request.Headers {
		header[http.CanonicalHeaderKey(name)] = values
	}
	host := header.Get("Host")
	header.Del("Host")
	given := &http.Request{
		Method:        request.Method,
		URL:           address,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(request.Body)),
		ContentLength: int64(len(request.Body)),
		Host:          host,
		RemoteAddr:    request.ClientIP + ":0",
		RequestURI:    request.URI,
	}
	return given.WithContext(context.WithValue(context.Background(), key{}, request)), nil
}

// Of returns the function's own request that a handler's was made of; nil for another.
func Of(request *http.Request) *gojinn.Request {
	given, _ := request.Context().Value(key{}).(*gojinn.Request)
	return given
}

// What a handler writes, all of which is sent when it returns.
type writer struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (w *writer) Header() http.Header { return w.header }

func (w *writer) WriteHeader(status int) {
	if w.status != 0 || (status >= 100 && status < 200) {
		return
	}
	w.status, w.sent = status, w.header.Clone()
	w.sent.Del("Content-Length")
}

func (w *writer) Write(data []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(data)
}

// Flush does nothing: an answer is sent as a whole.
func (w *writer) Flush() {}
