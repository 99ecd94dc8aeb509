// Package lock takes locks that are shared by all invocations of a tenant, on every node.
package lock

import (
	"time"

	"gojinn/host"
)

// Lock is one that was taken. It ends by itself after its time to live; the end of the function does not
// release it.
type Lock struct {
	Name string
	// Owner is a secret by which other invocations may renew or release it.
	Owner string
	// Token is higher than that of whoever had the lock before: what the lock guards should refuse lower ones.
	Token uint64
	TTL   time.Duration
}

// Acquire takes a lock for a time, waiting for it up to another. Its error is gojinn.ErrConflict when somebody
// has it.
func Acquire(name string, ttl, wait time.Duration) (*Lock, error) {
	lock := &Lock{Name: name}
	request := map[string]any{"name": name, "ttl": ttl.Seconds(), "wait": wait.Seconds()}
	return lock, lock.call("lock.acquire", request)
}

// Renew makes it last this long from now. Its error is gojinn.ErrConflict when it has been lost.
func (l *Lock) Renew(ttl time.Duration) error {
	return l.call("lock.renew", map[string]any{"name": l.Name, "owner": l.Owner, "ttl": ttl.Seconds()})
}

// Release gives it back. Its error is gojinn.ErrConflict when it has been lost.
func (l *Lock) Release() error {
	return host.Call("lock.release", map[string]any{"name": l.Name, "owner": l.Owner}, nil)
}

func (l *Lock) call(op string, request any) error {
	var answer struct {
		Owner string  `json:"owner"`
		Token uint64  `json:"token"`
		TTL   float64 `json:"ttl"`
	}
	if err := host.Call(op, request, &answer); err != nil {
		return err
	}
	l.Owner, l.Token = answer.Owner, answer.Token
	l.TTL = time.Duration(answer.TTL * float64(time.Second))
	return nil
}
