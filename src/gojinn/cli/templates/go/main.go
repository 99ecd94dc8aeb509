// {{name}} greets whom the request's body names.
//
// It reads one request as JSON on standard input and writes one response as JSON on standard output.
// What it writes to standard error is its log.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

type request struct {
	Method  string              `json:"method"`
	URI     string              `json:"uri"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

type response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

type greeting struct {
	Message  string `json:"message"`
	Language string `json:"language"`
	Method   string `json:"method"`
}

func handle(req request) response {
	who := struct {
		Name string `json:"name"`
	}{Name: "world"}
	if err := json.Unmarshal([]byte(req.Body), &who); err != nil {
		fmt.Fprintln(os.Stderr, "no JSON in the body:", err)
	}
	body, err := json.Marshal(greeting{"hello, " + who.Name, "Go", req.Method})
	if err != nil {
		return response{Status: 500, Body: err.Error()}
	}
	headers := map[string][]string{"Content-Type": {"application/json"}}
	return response{Status: 200, Headers: headers, Body: string(body) + "\n"}
}

func main() {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		fmt.Fprintln(os.Stderr, "reading the request:", err)
		os.Exit(1)
	}
	if err := json.NewEncoder(os.Stdout).Encode(handle(req)); err != nil {
		fmt.Fprintln(os.Stderr, "writing the response:", err)
		os.Exit(1)
	}
}
