// words counts the words of the text that is sent to it.
package main

import (
	"sort"
	"strings"
	"unicode"

	"gojinn"
)

const shown = 5

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
func text(request *gojinn.Request) string {
	if len(request.Body) > 0 {
		return string(request.Body)
	}
	return request.Query().Get("text")
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
	gojinn.Serve(func(request *gojinn.Request) (*gojinn.Response, error) {
		return gojinn.JSON(200, measure(text(request)))
	})
}
