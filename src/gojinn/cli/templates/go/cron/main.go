// {{name}} runs by the clock and counts how often, and tells that to who asks.
package main

import (
	"errors"
	"strconv"

	"gojinn"
	"gojinn/kv"
	"gojinn/log"
)

func main() { gojinn.Serve(handle) }

func handle(request *gojinn.Request) (*gojinn.Response, error) {
	entry, err := kv.Get("ticks")
	if errors.Is(err, gojinn.ErrNotFound) {
		entry, err = &kv.Entry{Value: []byte("0")}, nil
	}
	if err != nil {
		return nil, err
	}
	ticks, err := strconv.Atoi(string(entry.Value))
	if err != nil {
		return nil, err
	}
	if request.Trigger == "cron" {
		ticks++
		// Refused when another run was quicker: this one is then tried again.
		if _, err := kv.CAS("ticks", []byte(strconv.Itoa(ticks)), entry.Revision); err != nil {
			return nil, err
		}
		log.Info("tick", log.Fields{"ticks": ticks})
	}
	return gojinn.JSON(200, map[string]int{"ticks": ticks})
}
