// Package ai asks the language model that the host is configured with.
package ai

import "gojinn/host"

// Message is one of a conversation.
type Message struct {
	// Role is system, user or assistant.
	Role    string `json:"role"`
	Content string `json:"content"`
}

// Chat answers a conversation. Its error is a gojinn.Error where no model is granted.
func Chat(messages ...Message) (string, error) {
	var answer struct {
		Message Message `json:"message"`
	}
	err := host.Call("ai.chat", map[string]any{"messages": messages}, &answer)
	return answer.Message.Content, err
}
