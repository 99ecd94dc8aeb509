// {{name}} keeps items by an API in JSON.
//
//	GET    /       lists them
//	PUT    /<id>   writes one, any JSON
//	GET    /<id>   reads it
//	DELETE /<id>   removes it
package main

import (
	"encoding/json"
	"errors"
	"strings"

	"gojinn"
	"gojinn/kv"
)

const prefix = "items/"

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	id := strings.TrimPrefix(request.Path(), "/")
	switch {
	case id == "" && request.Method == "GET":
		return list()
	case id == "":
		return problem(405, "name an item: /<id>")
	case request.Method == "PUT":
		if !json.Valid(request.Body) {
			return problem(400, "send JSON")
		}
		if _, err := kv.Put(prefix+id, request.Body); err != nil {
			return nil, err
		}
		return gojinn.JSON(200, map[string]string{"id": id})
	case request.Method == "DELETE":
		return gojinn.Empty(204), kv.Delete(prefix + id)
	}
	entry, err := kv.Get(prefix + id)
	if errors.Is(err, gojinn.ErrNotFound) {
		return problem(404, "there is no such item")
	}
	if err != nil {
		return nil, err
	}
	return gojinn.Bytes(200, "application/json", entry.Value), nil
}

func list() (*gojinn.Response, error) {
	page, err := kv.Keys(kv.List{Prefix: prefix})
	if err != nil {
		return nil, err
	}
	items := []string{}
	for _, item := range page.Items {
		items = append(items, strings.TrimPrefix(item.Key, prefix))
	}
	return gojinn.JSON(200, map[string]any{"items": items})
}

func problem(status int, text string) (*gojinn.Response, error) {
	return gojinn.JSON(status, map[string]string{"error": text})
}
