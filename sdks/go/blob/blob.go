// Package blob keeps objects: bytes of any kind under keys, in a bucket or in the server's own folder.
//
// Functions need s3_read and s3_write in the permissions of their block.
package blob

import (
	"time"

	"gojinn/host"
)

// Options go with an object that is written.
type Options struct {
	ContentType string            `json:"content_type,omitempty"`
	Metadata    map[string]string `json:"metadata,omitempty"`
	// IfMatch is the etag that the object there must have.
	IfMatch string `json:"if_match,omitempty"`
}

// Info is what is known of an object.
type Info struct {
	Key         string            `json:"key"`
	Size        int64             `json:"size"`
	ETag        string            `json:"etag"`
	ContentType string            `json:"content_type"`
	Metadata    map[string]string `json:"metadata"`
}

// Object is one that was read, or a piece of it.
type Object struct {
	Info
	// Offset is where in the object the body starts.
	Offset int64  `json:"offset"`
	Body   []byte `json:"body"`
}

// Put writes an object of at most 4 MiB and returns its etag.
func Put(key string, body []byte, options Options) (string, error) {
	return put("blob.put", key, body, options)
}

// Create writes an object where none is; otherwise its error is gojinn.ErrExists.
func Create(key string, body []byte, options Options) (string, error) {
	return put("blob.put_if_absent", key, body, options)
}

func put(op, key string, body []byte, options Options) (string, error) {
	request := struct {
		Key  string `json:"key"`
		Body []byte `json:"body"`
		Options
	}{key, append([]byte{}, body...), options}
	var answer struct {
		ETag string `json:"etag"`
	}
	err := host.Call(op, request, &answer)
	return answer.ETag, err
}

// Get reads an object of at most 4 MiB; its error is gojinn.ErrNotFound where none is.
func Get(key string) (*Object, error) {
	return get(map[string]any{"key": key})
}

// GetRange reads at most length bytes from offset on.
func GetRange(key string, offset, length int64) (*Object, error) {
	return get(map[string]any{"key": key, "offset": offset, "length": length})
}

func get(request any) (*Object, error) {
	object := new(Object)
	if err := host.Call("blob.get", request, object); err != nil {
		return nil, err
	}
	return object, nil
}

// Head tells what is known of an object.
func Head(key string) (*Info, error) {
	info := new(Info)
	if err := host.Call("blob.head", map[string]any{"key": key}, info); err != nil {
		return nil, err
	}
	return info, nil
}

// Page is a part of a list. There is more as long as Next is not empty: it is the after of the next page.
type Page struct {
	Objects []Info `json:"objects"`
	Next    string `json:"next"`
}

// List lists objects by their keys, from the one behind after on; at most 1,000 at a time.
func List(prefix, after string) (*Page, error) {
	page := new(Page)
	if err := host.Call("blob.list", map[string]any{"prefix": prefix, "after": after}, page); err != nil {
		return nil, err
	}
	return page, nil
}

// Delete removes an object. Removing what is not there succeeds.
func Delete(key string) error {
	return host.Call("blob.delete", map[string]any{"key": key}, nil)
}

// Copy copies an object with what is known of it.
func Copy(source, target string) error {
	return host.Call("blob.copy", map[string]any{"source": source, "target": target}, nil)
}

// Presign makes an address by which anybody may GET or PUT an object for some time. Buckets only.
func Presign(key, method string, lasts time.Duration) (string, error) {
	var answer struct {
		URL string `json:"url"`
	}
	request := map[string]any{"key": key, "method": method, "seconds": int64(lasts.Seconds())}
	err := host.Call("blob.presign", request, &answer)
	return answer.URL, err
}
