// notes keeps notes in a database and a file with each as an object; both are the tenant's own.
//
//	GET    …/notes            all notes
//	POST   …/notes            adds one, {"text": "…"}
//	DELETE …/notes/1          removes one and its file
//	PUT    …/notes/1/file     adds a file; its name is the query's `name`
//	GET    …/notes/1/file     the file
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"strings"
)

const largest = 4 << 20 // bytes that one blob.put takes

type request struct {
	Method       string              `json:"method"`
	URI          string              `json:"uri"`
	Headers      map[string][]string `json:"headers"`
	Body         string              `json:"body"`
	BodyEncoding string              `json:"body_encoding"`
}

type response struct {
	Status       int                 `json:"status"`
	Headers      map[string][]string `json:"headers"`
	Body         string              `json:"body"`
	BodyEncoding string              `json:"body_encoding,omitempty"`
}

type note struct {
	ID      int    `json:"id"`
	Text    string `json:"text"`
	File    string `json:"file"`
	Created string `json:"created"`
}

type statement struct {
	SQL     string `json:"sql"`
	Params  []any  `json:"params,omitempty"`
	Objects bool   `json:"objects,omitempty"`
}

func handle(req request) (response, error) {
	uri, err := url.Parse(req.URI)
	if err != nil {
		return problem(400, "the address is wrong"), nil
	}
	parts := strings.Split(strings.Trim(uri.Path[strings.LastIndex(uri.Path, "/notes")+len("/notes"):], "/"), "/")
	id, file := parts[0], len(parts) == 2 && parts[1] == "file"
	switch {
	case id == "" && req.Method == "GET":
		return list()
	case id == "" && req.Method == "POST":
		return add(req)
	case file && req.Method == "PUT":
		return attach(id, uri.Query().Get("name"), req)
	case file && req.Method == "GET":
		return download(id)
	case id != "" && len(parts) == 1 && req.Method == "DELETE":
		return remove(id)
	}
	return problem(404, "there is no such thing here"), nil
}

func query(sql string, params ...any) ([]note, error) {
	var answer struct {
		Rows []note `json:"rows"`
	}
	err := call("sql.query", statement{sql, params, true}, &answer)
	return answer.Rows, err
}

func exec(sql string, params ...any) (changes int, err error) {
	var answer struct {
		Changes int `json:"changes"`
	}
	err = call("sql.exec", statement{sql, params, false}, &answer)
	return answer.Changes, err
}

func list() (response, error) {
	notes, err := query("select id, text, file, created from notes order by id desc limit 100")
	if err != nil {
		return response{}, err
	}
	if notes == nil {
		notes = []note{}
	}
	return answer(200, notes)
}

func add(req request) (response, error) {
	var given struct {
		Text string `json:"text"`
	}
	if err := json.Unmarshal([]byte(req.Body), &given); err != nil || strings.TrimSpace(given.Text) == "" {
		return problem(400, "send {\"text\": \"…\"}"), nil
	}
	notes, err := query("insert into notes (text) values (?) returning id, text, file, created", given.Text)
	if err != nil {
		return response{}, err
	}
	return answer(201, notes[0])
}

func attach(id, name string, req request) (response, error) {
	body := []byte(req.Body)
	if req.BodyEncoding == "base64" {
		var err error
		if body, err = base64.StdEncoding.DecodeString(req.Body); err != nil {
			return response{}, err
		}
	}
	if name == "" || len(body) == 0 || len(body) > largest {
		return problem(400, "send a file of at most 4 MiB, and its name as ?name="), nil
	}
	changes, err := exec("update notes set file = ? where id = ?", name, id)
	if err != nil {
		return response{}, err
	}
	if changes == 0 {
		return problem(404, "there is no such note"), nil
	}
	object := map[string]any{"key": "files/" + id, "body": body}
	if types := req.Headers["Content-Type"]; len(types) > 0 {
		object["content_type"] = types[0]
	}
	var stored struct{}
	if err := call("blob.put", object, &stored); err != nil {
		return response{}, err
	}
	return answer(200, map[string]any{"file": name, "size": len(body)})
}

func download(id string) (response, error) {
	notes, err := query("select id, text, file, created from notes where id = ?", id)
	if err != nil {
		return response{}, err
	}
	var object struct {
		Body        string `json:"body"`
		ContentType string `json:"content_type"`
	}
	if len(notes) == 0 {
		return problem(404, "there is no such note"), nil
	}
	if err := call("blob.get", map[string]any{"key": "files/" + id}, &object); is(err, "not-found") {
		return problem(404, "this note has no file"), nil
	} else if err != nil {
		return response{}, err
	}
	headers := map[string][]string{
		// Never shown as a page of this site: whoever sent the file chose its type.
		"Content-Disposition":    {"attachment; filename*=UTF-8''" + url.PathEscape(notes[0].File)},
		"Content-Type":           {object.ContentType},
		"X-Content-Type-Options": {"nosniff"},
	}
	return response{200, headers, object.Body, "base64"}, nil
}

func remove(id string) (response, error) {
	changes, err := exec("delete from notes where id = ?", id)
	if err != nil {
		return response{}, err
	}
	if changes == 0 {
		return problem(404, "there is no such note"), nil
	}
	var removed struct{}
	if err := call("blob.delete", map[string]any{"key": "files/" + id}, &removed); err != nil {
		return response{}, err
	}
	return response{Status: 204}, nil
}

func answer(status int, value any) (response, error) {
	body, err := json.Marshal(value)
	return response{Status: status, Headers: asJSON, Body: string(body) + "\n"}, err
}

func problem(status int, message string) response {
	body, _ := json.Marshal(map[string]string{"error": message})
	return response{Status: status, Headers: asJSON, Body: string(body) + "\n"}
}

var asJSON = map[string][]string{"Content-Type": {"application/json"}}

func main() {
	var req request
	if err := json.NewDecoder(os.Stdin).Decode(&req); err != nil {
		fmt.Fprintln(os.Stderr, "reading the request:", err)
		os.Exit(1)
	}
	res, err := handle(req)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		res = problem(500, "that did not work; the log says why")
	}
	if err := json.NewEncoder(os.Stdout).Encode(res); err != nil {
		fmt.Fprintln(os.Stderr, "writing the response:", err)
		os.Exit(1)
	}
}
