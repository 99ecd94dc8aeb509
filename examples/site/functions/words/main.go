// words counts the words of the text that is sent to it.
//
// It reads one request as JSON on standard input and writes one response as JSON on standard output.
// What it writes to standard error is its log.
package main

import (
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"sort"
	"strings"
	"unicode"
)

const shown = 5

type request struct {
	Method string `json:"method"`
	URI    string `json:"uri"`
	Body   string `json:"body"`
}

type response struct {
	Status  int                 `json:"status"`
	Headers map[string][]string `json:"headers"`
	Body    string              `json:"body"`
}

type count struct {
	Word  string `json:"word"`
	Times int    `json:"times"`
}

type report struct {
	Language   string  `json:"language"`
	Characters int     `json:"characters"`
	Words      int     `json:"words"`
	Different  int     `json:"different"`
	Top        []count `json:"top"`
}

// text returns what is to be counted: the body, or the query's text for a link that can be clicked.
func text(req request) string {
	if req.Body != "" {
		return req.Body
	}
	uri, err := url.Parse(req.URI)
	if err != nil {
		return ""
	}
	return uri.Query().Get("text")
}

func measure(text string) report {
	words := strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	times := map[string]int{}
	for _, word := range words {
		times[word]++
	}
	top := make([]count, 0, len(times))
	for word, n := range times {
		top = append(top, count{word, n})
	}
	sort.Slice(top, func(i, j int) bool {
		return top[i].Times > top[j].Times || top[i].Times == top[j].Times && top[i].Word < top[j].Word
	})
	if len(top) > shown {
		top = top[:shown]
	}
	return report{"Go", len([]rune(text)), len(words), len(times), top}
}

func main() {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		fmt.Fprintln(os.Stderr, "reading the request:", err)
		os.Exit(1)
	}
	body, err := json.Marshal(measure(text(req)))
	if err != nil {
		fmt.Fprintln(os.Stderr, "writing the report:", err)
		os.Exit(1)
	}
	headers := map[string][]string{"Content-Type": {"application/json"}}
	if err := json.NewEncoder(os.Stdout).Encode(response{200, headers, string(body) + "\n"}); err != nil {
		fmt.Fprintln(os.Stderr, "writing the response:", err)
		os.Exit(1)
	}
}
