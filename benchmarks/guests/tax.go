// A usual function: parse the envelope and its JSON body, multiply, answer JSON.
package main

import (
	"encoding/json"
	"os"
)

type request struct {
	Body string `json:"body"`
}

type order struct {
	ID    string  `json:"id"`
	Value float64 `json:"value"`
}

type response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

func main() {
	var in request
	if err := json.NewDecoder(os.Stdin).Decode(&in); err != nil {
		os.Exit(1)
	}
	var o order
	_ = json.Unmarshal([]byte(in.Body), &o)
	body, _ := json.Marshal(map[string]any{"order": o.ID, "total": o.Value * 1.15})
	_ = json.NewEncoder(os.Stdout).Encode(response{200, map[string][]string{"Content-Type": {"application/json"}}, string(body)})
}
