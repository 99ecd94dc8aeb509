package client

import (
	"context"
	"encoding/json"
	"runtime"
	"sync"

	"gojinn/host"
	"gojinn/internal/message"
)

// There is one thread, which stands still while the host waits. So whoever waits does it for all requests that are
// under way, and not for longer than a slice: then timers and other goroutines have their turn.
const slice = 0.02

// So many requests may be under way in one invocation.
const most = 32

type outcome struct {
	answer message.Answer
	err    error
}

// What is under way by its number, nil until it is done.
var underWay = struct {
	sync.Mutex
	requests map[int64]*outcome
}{requests: map[int64]*outcome{}}

// Has the host ask, and waits for the answer or the end of the context.
func ask(ctx context.Context, asked message.Request) (message.Answer, error) {
	for full() {
		if err := wait(); err != nil {
			return message.Answer{}, err
		}
		runtime.Gosched()
	}
	if err := ctx.Err(); err != nil {
		return message.Answer{}, err
	}
	var started struct {
		ID int64 `json:"id"`
	}
	if err := host.Call("http.start", asked, &started); err != nil {
		return message.Answer{}, err
	}
	underWay.Lock()
	underWay.requests[started.ID] = nil
	underWay.Unlock()
	for {
		runtime.Gosched() // so that others have begun theirs
		if done := taken(started.ID); done != nil {
			return done.answer, done.err
		}
		if err := ctx.Err(); err != nil {
			forget(started.ID)
			return message.Answer{}, err
		}
		if err := wait(); err != nil {
			forget(started.ID)
			return message.Answer{}, err
		}
	}
}

// Whether no other request can be under way, those included that nobody has taken the answers of.
func full() bool {
	underWay.Lock()
	defer underWay.Unlock()
	return len(underWay.requests) >= most
}

// Takes what became of a request; nil when it is still under way.
func taken(id int64) *outcome {
	underWay.Lock()
	defer underWay.Unlock()
	done := underWay.requests[id]
	if done != nil {
		delete(underWay.requests, id)
	}
	return done
}

// Breaks a request off.
func forget(id int64) {
	underWay.Lock()
	delete(underWay.requests, id)
	underWay.Unlock()
	host.Call("http.cancel", map[string]int64{"id": id}, nil)
}

// Waits for whichever request is done first, at most for a slice.
func wait() error {
	underWay.Lock()
	defer underWay.Unlock()
	var asked struct {
		IDs     []int64 `json:"ids"`
		Timeout float64 `json:"timeout"`
	}
	asked.Timeout = slice
	for id, done := range underWay.requests {
		if done == nil {
			asked.IDs = append(asked.IDs, id)
		}
	}
	if len(asked.IDs) == 0 {
		return nil
	}
	var first struct {
		ID     *int64         `json:"id"`
		Answer message.Answer `json:"answer"`
		Error  *host.Error    `json:"error"`
	}
	told, err := host.Ask("http.wait", asked)
	if err == nil {
		err = json.Unmarshal(told, &first)
	}
	if err != nil {
		return err
	}
	if first.ID == nil {
		if first.Error != nil {
			return first.Error
		}
		return nil
	}
	done := &outcome{answer: first.Answer}
	if first.Error != nil {
		done.err = first.Error
	}
	underWay.requests[*first.ID] = done
	return nil
}
