package main

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"os"
	"time"

	"gojinn"
	_ "gojinn/client"
)

// Asks by net/http, and answers with what it made of that.
func taken(answer *http.Response, err error) (*http.Response, []byte, error) {
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	return answer, body, err
}

func clientGet(request *gojinn.Request) (any, error) {
	answer, body, err := taken(http.Get(request.Query().Get("url")))
	if err != nil {
		return gojinn.Text(400, err.Error()), nil
	}
	return map[string]any{"status": answer.StatusCode, "cookies": answer.Header["Set-Cookie"], "body": string(body)}, nil
}

func clientPost(request *gojinn.Request) (any, error) {
	address := request.Query().Get("url")
	_, body, err := taken(http.Post(address, "application/octet-stream", bytes.NewReader(request.Body)))
	return gojinn.Bytes(200, "application/octet-stream", body), err
}

func clientForm(request *gojinn.Request) (any, error) {
	given, err := read[map[string]string](request)
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for name, value := range given {
		form.Set(name, value)
	}
	answer, body, err := taken(http.PostForm(request.Query().Get("url"), form))
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, answer.Header.Get("Content-Type"), body), nil
}

func clientLate(request *gojinn.Request) (any, error) {
	client := http.Client{Timeout: 100 * time.Millisecond}
	_, err := client.Get(request.Query().Get("url"))
	var failed *url.Error
	late := errors.As(err, &failed) && failed.Timeout() && os.IsTimeout(err)
	return map[string]bool{"late": late}, nil
}

// Asks more than may be under way.
func clientTogether(request *gojinn.Request) (any, error) {
	const many = 48
	address, bodies, failed := request.Query().Get("url"), make(chan string), make(chan error)
	for range [many]int{} {
		go func() {
			_, body, err := taken(http.Get(address))
			if err != nil {
				failed <- err
			} else {
				bodies <- string(body)
			}
		}()
	}
	counts := map[string]int{}
	for range [many]int{} {
		select {
		case body := <-bodies:
			counts[body]++
		case err := <-failed:
			return nil, err
		}
	}
	return counts, nil
}
