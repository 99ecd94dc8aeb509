// {{name}} takes messages and sends them in the background.
//
//	POST /           {"to": "ada"}: answered once the job is on disk
//	GET  /?to=ada    tells whether it was sent
package main

import (
	"errors"

	"gojinn"
	"gojinn/kv"
	"gojinn/log"
	"gojinn/queue"
)

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	if request.Trigger == "queue" {
		return work(request)
	}
	if request.Method == "POST" {
		job, err := queue.Publish("{{name}}", request.Body, queue.Options{})
		if err != nil {
			return nil, err
		}
		return gojinn.JSON(202, map[string]string{"job": job.Job})
	}
	_, err := kv.Get("sent/" + request.Query().Get("to"))
	if err != nil && !errors.Is(err, gojinn.ErrNotFound) {
		return nil, err
	}
	return gojinn.JSON(200, map[string]bool{"sent": err == nil})
}

// work does a job. One that fails is tried again, then kept as a dead letter.
func work(job *gojinn.Request) (*gojinn.Response, error) {
	var message struct{ To string }
	if err := job.JSON(&message); err != nil {
		return nil, err
	}
	if message.To == "" {
		return nil, errors.New("the job does not say whom to send to")
	}
	log.Info("sending", log.Fields{"to": message.To, "attempt": job.Attempt})
	_, err := kv.Put("sent/"+message.To, []byte("yes"))
	return gojinn.Empty(204), err
}
