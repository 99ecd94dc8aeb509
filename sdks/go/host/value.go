package host

import (
	"time"
	"unicode/utf8"
)

// Value is bytes as most operations carry them: text where they are UTF-8, else base64. Embed it in a request
// that has the member "value".
type Value struct {
	Text   *string `json:"value,omitempty"`
	Base64 []byte  `json:"value_base64,omitempty"`
}

// NewValue makes one of bytes.
func NewValue(data []byte) Value {
	if utf8.Valid(data) {
		text := string(data)
		return Value{Text: &text}
	}
	return Value{Base64: data}
}

// Bytes returns what it carries.
func (v Value) Bytes() []byte {
	if v.Text != nil {
		return []byte(*v.Text)
	}
	return v.Base64
}

// Body is a Value in the members "body" and "body_base64".
type Body struct {
	Text   *string `json:"body,omitempty"`
	Base64 []byte  `json:"body_base64,omitempty"`
}

// NewBody makes one of bytes.
func NewBody(data []byte) Body { return Body(NewValue(data)) }

// Bytes returns what it carries.
func (b Body) Bytes() []byte { return Value(b).Bytes() }

// Seconds writes a duration as operations take it.
func Seconds(duration time.Duration) float64 { return duration.Seconds() }
