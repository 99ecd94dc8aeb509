// notes keeps notes in a database and a file with each as an object; both are the tenant's own.
//
//	GET    …/notes            all notes
//	POST   …/notes            adds one, {"text": "…"}
//	DELETE …/notes/1          removes one and its file
//	PUT    …/notes/1/file     adds a file; its name is the query's `name`
//	GET    …/notes/1/file     the file
package main

import (
	"errors"
	"net/url"
	"strings"

	"gojinn"
	"gojinn/blob"
	"gojinn/sql"
)

const largest = 4 << 20 // bytes that one blob.Put takes

type note struct {
	ID      int    `json:"id"`
	Text    string `json:"text"`
	File    string `json:"file"`
	Created string `json:"created"`
}

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	_, rest, _ := strings.Cut(request.Path(), "/notes")
	parts := strings.Split(strings.Trim(rest, "/"), "/")
	id, file := parts[0], len(parts) == 2 && parts[1] == "file"
	switch {
	case id == "" && request.Method == "GET":
		return list()
	case id == "" && request.Method == "POST":
		return add(request)
	case file && request.Method == "PUT":
		return attach(id, request)
	case file && request.Method == "GET":
		return download(id)
	case id != "" && len(parts) == 1 && request.Method == "DELETE":
		return remove(id)
	}
	return problem(404, "there is no such thing here")
}

func list() (*gojinn.Response, error) {
	notes := []note{}
	err := sql.Select(&notes, "select id, text, file, created from notes order by id desc limit 100")
	if err != nil {
		return nil, err
	}
	return gojinn.JSON(200, notes)
}

func add(request *gojinn.Request) (*gojinn.Response, error) {
	var given struct{ Text string }
	if request.JSON(&given) != nil || strings.TrimSpace(given.Text) == "" {
		return problem(400, "send {\"text\": \"…\"}")
	}
	var notes []note
	err := sql.Select(&notes, "insert into notes (text) values (?) returning id, text, file, created", given.Text)
	if err != nil {
		return nil, err
	}
	return gojinn.JSON(201, notes[0])
}

func attach(id string, request *gojinn.Request) (*gojinn.Response, error) {
	name, size := request.Query().Get("name"), len(request.Body)
	if name == "" || size == 0 || size > largest {
		return problem(400, "send a file of at most 4 MiB, and its name as ?name=")
	}
	done, err := sql.Exec("update notes set file = ? where id = ?", name, id)
	if err != nil {
		return nil, err
	}
	if done.Changes == 0 {
		return problem(404, "there is no such note")
	}
	options := blob.Options{ContentType: request.Headers.Get("Content-Type")}
	if _, err := blob.Put("files/"+id, request.Body, options); err != nil {
		return nil, err
	}
	return gojinn.JSON(200, map[string]any{"file": name, "size": size})
}

func download(id string) (*gojinn.Response, error) {
	var notes []note
	if err := sql.Select(&notes, "select id, text, file, created from notes where id = ?", id); err != nil {
		return nil, err
	}
	if len(notes) == 0 {
		return problem(404, "there is no such note")
	}
	object, err := blob.Get("files/" + id)
	if errors.Is(err, gojinn.ErrNotFound) {
		return problem(404, "this note has no file")
	}
	if err != nil {
		return nil, err
	}
	response := gojinn.Bytes(200, object.ContentType, object.Body)
	// Never shown as a page of this site: whoever sent the file chose its type.
	response.Headers["Content-Disposition"] = []string{"attachment; filename*=UTF-8''" + url.PathEscape(notes[0].File)}
	response.Headers["X-Content-Type-Options"] = []string{"nosniff"}
	return response, nil
}

func remove(id string) (*gojinn.Response, error) {
	done, err := sql.Exec("delete from notes where id = ?", id)
	if err != nil {
		return nil, err
	}
	if done.Changes == 0 {
		return problem(404, "there is no such note")
	}
	return gojinn.Empty(204), blob.Delete("files/" + id)
}

func problem(status int, message string) (*gojinn.Response, error) {
	return gojinn.JSON(status, map[string]string{"error": message})
}
