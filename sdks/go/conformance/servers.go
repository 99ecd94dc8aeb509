package main

import (
	"time"

	"gojinn"
	"gojinn/http"
)

func httpFetch(request *gojinn.Request) (any, error) {
	given, err := read[struct {
		URL      string
		Redirect http.Redirect
		Timeout  float64
	}](request)
	if err != nil {
		return nil, err
	}
	timeout := time.Duration(given.Timeout * float64(time.Second))
	response, err := http.Fetch(http.Request{URL: given.URL, Redirect: given.Redirect, Timeout: timeout})
	if err != nil {
		return nil, err
	}
	return map[string]any{
		"status": response.Status, "cookies": append([]string{}, response.Headers.Values("set-cookie")...),
		"body": string(response.Body), "url": response.URL,
	}, nil
}

func httpRelay(request *gojinn.Request) (any, error) {
	contentType := request.Headers.Get("Content-Type")
	response, err := http.Post(request.Query().Get("url"), contentType, request.Body)
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, response.Headers.Get("content-type"), response.Body), nil
}
