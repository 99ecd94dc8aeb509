// Greets in JSON, as hello.c does.
package main

import (
	"encoding/json"
	"os"
)

func main() {
	var request struct {
		Body string `json:"body"`
	}
	var body struct {
		Name string `json:"name"`
	}
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		os.Exit(1)
	}
	if json.Unmarshal([]byte(request.Body), &body) != nil || body.Name == "" {
		body.Name = "world"
	}
	answer, _ := json.Marshal(map[string]string{"message": "hello, " + body.Name, "language": "go"})
	json.NewEncoder(os.Stdout).Encode(map[string]any{
		"status":  200,
		"headers": map[string][]string{"Content-Type": {"application/json"}},
		"body":    string(answer),
	})
}
