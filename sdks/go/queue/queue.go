// Package queue sends jobs to queues and functions. A job is on disk before the call returns.
package queue

import (
	"time"

	"gojinn/host"
)

// Options go with a job.
type Options struct {
	Headers map[string][]string
	// Delay is how long it waits before it runs.
	Delay time.Duration
	// Priority is high, normal or low.
	Priority string
	// Key has only the first of several jobs run that have the same one.
	Key string
}

// Published is a job that was sent.
type Published struct {
	Job string `json:"job"`
	// Duplicate tells that a job with this key was there already.
	Duplicate bool `json:"duplicate"`
}

// Publish sends a job to a queue, a module of the Caddyfile or a function. Its error is gojinn.ErrNotFound for a
// queue that there is not.
func Publish(queue string, body []byte, options Options) (Published, error) {
	request := struct {
		Queue string `json:"queue"`
		host.Body
		Headers  map[string][]string `json:"headers,omitempty"`
		Delay    float64             `json:"delay,omitempty"`
		Priority string              `json:"priority,omitempty"`
		Key      string              `json:"key,omitempty"`
	}{queue, host.NewBody(body), options.Headers, options.Delay.Seconds(), options.Priority, options.Key}
	var published Published
	err := host.Call("queue.publish", request, &published)
	return published, err
}

// Job is what is known of a job.
type Job struct {
	ID    string `json:"id"`
	Queue string `json:"queue"`
	// State is scheduled, queued, running, retrying, done, dead or cancelled.
	State string `json:"state"`
	// Body is what the function answered, once it is done.
	Body string `json:"body"`
}

// Status tells what is known of a job; its error is gojinn.ErrNotFound when nothing is.
func Status(job string) (*Job, error) { return ask("queue.status", job) }

// Cancel calls off a job, also one that runs; its error is gojinn.ErrConflict when it is over.
func Cancel(job string) (*Job, error) { return ask("queue.cancel", job) }

func ask(op, job string) (*Job, error) {
	record := new(Job)
	if err := host.Call(op, map[string]any{"job": job}, record); err != nil {
		return nil, err
	}
	return record, nil
}
