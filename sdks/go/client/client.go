// Package client has net/http ask other servers by the host. With it in a function, http.Get and whatever else uses
// http.DefaultTransport work, as far as allow_host lets the function ask:
//
//	import _ "gojinn/client"
//
// Package serve imports it, so there is nothing to do with that. Requests of several goroutines are under way
// side by side. It is a package of its own, as net/http makes a function some megabytes larger.
package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"gojinn"
	"gojinn/host"
	"gojinn/internal/message"
)

// Transport is an http.RoundTripper that has the host ask. Its errors are those of the SDK: errors.Is finds
// gojinn.ErrDenied and others in what http.Get and http.Client return.
type Transport struct{}

func init() { http.DefaultTransport = Transport{} }

// RoundTrip asks a server and waits for all of its answer. A redirect is an answer.
func (Transport) RoundTrip(request *http.Request) (*http.Response, error) {
	asked, err := read(request)
	if err != nil {
		return nil, err
	}
	ctx := request.Context()
	deadline, ends := ctx.Deadline()
	if ends {
		asked.Timeout = max(time.Until(deadline).Seconds(), 0.001)
	}
	answer, err := ask(ctx, asked)
	if ends && errors.Is(err, gojinn.ErrTimeout) {
		err = context.DeadlineExceeded
	}
	if err != nil {
		return nil, err
	}
	return written(answer, request), nil
}

// Reads a request as the host takes it; its Host is that of its URL. The body is closed, as net/http promises.
func read(request *http.Request) (message.Request, error) {
	address := *request.URL
	address.User, address.Fragment, address.RawFragment = nil, "", ""
	asked := message.Request{
		Method: request.Method, URL: address.String(), Headers: request.Header, Redirect: "manual",
	}
	if request.Body == nil {
		return asked, nil
	}
	body, err := io.ReadAll(request.Body)
	if closing := request.Body.Close(); err == nil {
		err = closing
	}
	if err == nil && len(body) > 0 {
		asked.Body = host.NewBody(body)
	}
	return asked, err
}

// Writes an answer as net/http has it.
func written(answer message.Answer, request *http.Request) *http.Response {
	body := answer.Bytes()
	header := http.Header{}
	for name, values := range answer.Headers {
		name = http.CanonicalHeaderKey(name)
		header[name] = append(header[name], values...)
	}
	return &http.Response{
		Status:        strconv.Itoa(answer.Status) + " " + http.StatusText(answer.Status),
		StatusCode:    answer.Status,
		Proto:         "HTTP/1.1",
		ProtoMajor:    1,
		ProtoMinor:    1,
		Header:        header,
		Body:          io.NopCloser(bytes.NewReader(body)),
		ContentLength: int64(len(body)),
		Request:       request,
	}
}
